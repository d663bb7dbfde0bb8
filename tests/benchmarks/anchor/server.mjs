// The raw anchor of reading: what a record and a page cost at least, over the very tables that the API reads.
//
// One Node process. PostgreSQL builds the JSON, references and roles included (profiles and resources, which few users
// have, are not). Nobody is asked who they are, nothing is filtered, counted, cached or logged, and null properties
// stay in. It is asked for the API's own paths:
//
//   …/users?limit=100&after=ID   …/users?limit=100&offset=N   …/users/ID   and the same for enrollments
//
// PORT, DATABASE_URL, SOURCE and CONNECTIONS come from the environment.

import http from "node:http";
import pg from "pg";

const { PORT, DATABASE_URL, SOURCE, CONNECTIONS } = process.env;
const BASE = `http://127.0.0.1:${PORT}/`;

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: Number(CONNECTIONS) });

const reference = (column, collection, type) => `
  CASE WHEN ${column} IS NOT NULL THEN json_build_object(
    'href', '${BASE}${collection}/' || ${column}, 'sourcedId', ${column}, 'type', '${type}') END`;

const word = (column) => `CASE ${column} WHEN true THEN 'true' WHEN false THEN 'false' END`;

const RECORDS = {
  users: `
    SELECT json_build_object(
      'sourcedId', t.sourced_id, 'status', t.status, 'dateLastModified', p.moment, 'metadata', t.metadata,
      'enabledUser', ${word("t.enabled_user")}, 'username', t.username,
      'userIds', (
        SELECT json_agg(json_build_object('type', split_part(pair, ':', 1), 'identifier', split_part(pair, ':', 2)))
        FROM unnest(t.user_ids) pair),
      'givenName', t.given_name, 'familyName', t.family_name, 'middleName', t.middle_name,
      'identifier', t.identifier, 'email', t.email, 'sms', t.sms, 'phone', t.phone,
      'agents', (SELECT json_agg(${reference("id", "users", "user")}) FROM unnest(t.agent_sourced_ids) id),
      'grades', t.grades, 'userMasterIdentifier', t.user_master_identifier,
      'preferredFirstName', t.preferred_given_name, 'preferredMiddleName', t.preferred_middle_name,
      'preferredLastName', t.preferred_family_name, 'pronouns', t.pronouns,
      'primaryOrg', ${reference("t.primary_org_sourced_id", "orgs", "org")},
      'roles', (
        SELECT json_agg(json_build_object(
          'roleType', r.role_type, 'role', r.role, 'beginDate', r.begin_date, 'endDate', r.end_date,
          'org', ${reference("r.org_sourced_id", "orgs", "org")}, 'userProfile', r.user_profile_sourced_id))
        FROM roles r
        WHERE r.source = t.source AND r.user_sourced_id = t.sourced_id AND r.status = 'active')
    )::text AS record
    FROM page t JOIN publications p ON p.id = t.publication_id ORDER BY t.sourced_id`,
  enrollments: `
    SELECT json_build_object(
      'sourcedId', t.sourced_id, 'status', t.status, 'dateLastModified', p.moment, 'metadata', t.metadata,
      'class', ${reference("t.class_sourced_id", "classes", "class")},
      'school', ${reference("t.school_sourced_id", "orgs", "org")},
      'user', ${reference("t.user_sourced_id", "users", "user")},
      'role', t.role, 'primary', ${word('t."primary"')}, 'beginDate', t.begin_date, 'endDate', t.end_date
    )::text AS record
    FROM page t JOIN publications p ON p.id = t.publication_id ORDER BY t.sourced_id`,
};
const SINGULAR = { users: "user", enrollments: "enrollment" };

async function records(name, kind, rest, values) {
  const page = `SELECT * FROM ${name} WHERE source = $1 ${rest}`;
  const text = `WITH page AS (${page}) SELECT string_agg(record, ',') FROM (${RECORDS[name]}) found`;
  const found = await pool.query({ name: `${name} ${kind}`, text, values: [SOURCE, ...values], rowMode: "array" });
  return found.rows[0][0];
}

async function answer(url) {
  const [, name, id] = /\/(users|enrollments)(?:\/([^/]+))?$/.exec(url.pathname);
  if (id) {
    const found = await records(name, "single", "AND sourced_id = $2", [decodeURIComponent(id)]);
    return `{"${SINGULAR[name]}":${found}}`;
  }
  const [limit, offset] = [url.searchParams.get("limit") ?? 100, url.searchParams.get("offset")];
  const found = offset
    ? await records(name, "offset", "ORDER BY sourced_id LIMIT $2 OFFSET $3", [limit, offset])
    : await records(name, "after", "AND sourced_id > $3 ORDER BY sourced_id LIMIT $2", [
        limit,
        url.searchParams.get("after") ?? "",
      ]);
  return `{"${name}":[${found ?? ""}]}`;
}

const server = http.createServer(async (request, response) => {
  const body = Buffer.from(await answer(new URL(request.url, BASE)));
  response.writeHead(200, { "Content-Type": "application/json", "Content-Length": body.length });
  response.end(body);
});
server.listen(Number(PORT), "127.0.0.1");
