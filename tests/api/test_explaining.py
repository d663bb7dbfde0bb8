"""`python -m api explain`: where names lead, SQL, parameters and PostgreSQL's plan; faults have exit codes."""

import pytest
from click.testing import CliRunner, Result

from api.__main__ import main
from tests.api.roster import Roster, fill_everything, full

AWAY = "postgresql://hub@127.0.0.1:1/hub"


def explain(*arguments: str, **variables: str) -> Result:
    unset = dict.fromkeys(("DATABASE_URL", "ROSTERHUB_API_DATABASE_URL", "REDIS_URL"), "")
    return CliRunner().invoke(main, ["explain", *arguments], env={**unset, **variables})


def test_names_sql_and_parameters_are_told() -> None:
    result = explain("familyName~'50%' AND roles.org.name='North'", "--sort", "familyName", "--order", "desc")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[:3] == [
        "filter familyName: users: column family_name (text)",
        "filter roles.org.name: users > roles by user_sourced_id > orgs by org_sourced_id: column name (text)",
        "sort familyName: users: column family_name (text)",
    ]
    assert '    AND ("t"."family_name" ILIKE %(v0)s' in lines
    assert lines.count('    ORDER BY "t"."family_name" DESC, t.sourced_id DESC') == 2, "with a value, and without"
    assert lines[-4:] == ["  source = the source that is read", "  v0 = '%50\\\\%%'", "  v1 = 'North'", "  limit = 101"]


@pytest.mark.parametrize(
    ("collection", "filter", "told"),
    [
        ("users", "userIds.type='x'", "users: column user_ids, left side (pairs)"),
        ("users", "metadata.jp.kana='x'", "users: column metadata, key jp.kana (text)"),
        ("users", "dateLastModified>'2026-01-01'", "users: column publication_id, by the moment of that publication"),
        (
            "users",
            "resources='x'",
            "users: column resource_sourced_ids (refs) or users > user_resources by user_sourced_id: column "
            "resource_sourced_id (ref)",
        ),
        (
            "lineItems",
            "gradingPeriod.title='x'",
            "line_items > academic_sessions of type gradingPeriod by academic_session_sourced_id: column title (text)",
        ),
        (
            "lineItems",
            "academicSession='x'",
            "line_items > academic_sessions not of type gradingPeriod by academic_session_sourced_id: column "
            "sourced_id (id)",
        ),
    ],
)
def test_where_a_name_leads(collection: str, filter: str, told: str) -> None:
    assert told in explain(filter, "--collection", collection).output


def test_an_order_that_is_none_is_said_to_be_none() -> None:
    for name in ("nothing", "grades"):
        result = explain("--sort", name)
        assert f"sort {name}: nothing, so the default order" in result.output
        assert "ORDER BY t.sourced_id" in result.output


def test_a_limited_client_is_shown_its_grant() -> None:
    for collection, parameter in (("users", "%(users)s"), ("classes", "%(orgs)s")):
        asked = ("status='active'", "--collection", collection)
        assert parameter not in explain(*asked).output
        assert parameter in explain(*asked, "--limited").output


def test_collections_without_records_are_said_to_have_none() -> None:
    result = explain("title='x'", "--collection", "assessmentLineItems")
    assert (result.exit_code, "nothing is read" in result.output) == (0, True)


def test_help_has_an_example() -> None:
    result = explain("--help")
    assert (result.exit_code, "Example: python -m api explain" in result.output) == (0, True)


@pytest.mark.parametrize(
    ("filter", "message"),
    [
        ("nothing='x'", "there is no field nothing to filter by at character 1"),
        ("status='x' status", "AND or OR, with a space on either side, is expected at character 11"),
        ("dateLastModified>'x'", "a date such as 2026-04-01"),
    ],
)
def test_a_bad_filter_is_refused_as_clients_are(filter: str, message: str) -> None:
    result = explain(filter)
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stdout == ""


def test_unknown_options_are_a_matter_of_usage() -> None:
    assert explain("--collection", "roles").exit_code == 2
    assert explain("--limited", "--analyze", "north").exit_code == 2


def test_without_a_database_its_plan_cannot_be_had() -> None:
    away = explain("status='active'", "--analyze", "north", DATABASE_URL=AWAY, ROSTERHUB_API_POOL_SECONDS="0.2")
    assert (away.exit_code, "not reachable" in away.stderr) == (3, True)
    unset = explain("status='active'", "--analyze", "north")
    assert (unset.exit_code, "DATABASE_URL" in unset.stderr) == (2, True)


def test_the_plan_is_that_of_postgresql(roster: Roster) -> None:
    fill_everything(roster)
    result = explain("familyName>'A'", "--sort", "email", "--analyze", "north", DATABASE_URL=roster.url)
    assert result.exit_code == 0, result.output
    assert result.output.count("Execution Time") == 2
    limited = explain("status='active'", "--org", full("org"), "--analyze", "north", DATABASE_URL=roster.url)
    assert limited.exit_code == 0, limited.output
    assert "Execution Time" in limited.output


def test_a_source_that_is_not_there_is_named(roster: Roster) -> None:
    fill_everything(roster)
    result = explain("status='active'", "--analyze", "south", DATABASE_URL=roster.url)
    assert (result.exit_code, "there are: north" in result.stderr) == (1, True)
