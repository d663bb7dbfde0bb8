ALTER TABLE api_keys
  ADD COLUMN orgs text[],
  ADD COLUMN addresses cidr[],
  ADD COLUMN requests_per_minute integer CHECK (requests_per_minute >= 0);
CREATE TABLE api_key_audit_logs (
  id uuid PRIMARY KEY,
  created_at timestamptz NOT NULL,
  key text,
  method text NOT NULL,
  route text,
  path text NOT NULL,
  query text,
  status integer NOT NULL,
  address inet,
  user_agent text,
  request_id text NOT NULL,
  duration_ms real NOT NULL
);
CREATE INDEX ON api_key_audit_logs (created_at);
GRANT INSERT ON api_key_audit_logs TO rosterhub_api;
