"""The asset graph as golden text, what it promises, and that loading it stays quick."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import yaml

from pipelines.finding_texts.staged import STAGED
from pipelines.oneroster.entity import Kind
from pipelines.oneroster.registry import BY_NAME, ENTITIES
from pipelines.orchestration import columns, families, naming
from pipelines.orchestration.assets.roster import dependencies
from pipelines.orchestration.building import build_definitions
from pipelines.roster.schema import SQL_TYPES

GOLDEN = Path(__file__).parents[2] / "golden" / "assets.txt"
PROJECT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    return build_definitions({"ROSTERHUB_TIME_ZONE": "UTC"})


def described(definitions: dg.Definitions) -> Iterator[str]:
    """An asset a paragraph: key and group, what it depends on, its checks."""
    graph = definitions.resolve_asset_graph()
    for key in sorted(graph.get_all_asset_keys()):
        node = graph.get(key)
        checks = sorted(check.name for check in graph.asset_check_keys if check.asset_key == key)
        yield f"{key.to_user_string()}  [{node.group_name}]"
        yield from (f"  from {parent.to_user_string()}" for parent in sorted(node.parent_keys))
        yield f"  checks: {', '.join(checks)}"


def test_the_asset_graph_is_as_reviewed(definitions: dg.Definitions) -> None:
    text = "\n".join(described(definitions)) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(text)
    assert text == GOLDEN.read_text(), "if this change is meant: UPDATE_GOLDEN=1 pytest, and review the diff"


def test_jobs_schedules_and_sensor_have_the_names_that_people_rely_on(definitions: dg.Definitions) -> None:
    repository = definitions.get_repository_def()
    assert {job.name for job in repository.get_all_jobs()} >= {"sync", "backup", "restore_drill"}
    assert {schedule.name for schedule in repository.schedule_defs} >= {
        "nightly_sync",
        "nightly_backup",
        "nightly_drill",
    }
    assert {sensor.name for sensor in repository.sensor_defs} == {"bundle_arrival", "run_states"}


def test_a_sync_makes_everything_but_backups(definitions: dg.Definitions) -> None:
    job = definitions.resolve_job_def("sync")
    made = job.asset_layer.executable_asset_keys
    assert made == set(definitions.resolve_asset_graph().get_all_asset_keys()) - {naming.BACKUP, naming.DRILL}
    assert job.partitions_def == naming.SOURCES
    assert job.executor_def.name == dg.in_process_executor.name


def test_a_table_follows_what_its_required_references_name() -> None:
    assert naming.roster(BY_NAME["classes"]) in dependencies(BY_NAME["enrollments"])
    assert naming.staged(BY_NAME["resources"]) in dependencies(BY_NAME["users"])
    assert naming.roster(BY_NAME["orgs"]) not in dependencies(BY_NAME["orgs"])


def test_every_stored_column_is_in_the_columns_tab(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    for entity in ENTITIES:
        for key in (naming.staged(entity), naming.roster(entity)):
            schema = graph.get(key).metadata[naming.COLUMN_SCHEMA]
            named = {column.name for column in schema.columns}
            assert named >= {"sourced_id", "status", *(column.field for column in entity.stored)}
            assert not named & {column.field for column in entity.columns if column.kind is Kind.SECRET}


def test_a_column_says_its_type_meaning_and_constraints() -> None:
    by_name = {column.name: column for column in columns.schema(BY_NAME["classes"], SQL_TYPES).columns}
    school = by_name["school_sourced_id"]
    assert (school.type, school.description) == ("text", "`schoolSourcedId` in CSV, `school` in REST")
    assert not school.constraints.nullable
    assert school.constraints.other == ["refers to orgs"]
    assert by_name["term_sourced_ids"].type == "text[]"
    assert by_name["class_type"].constraints.other == ["one of homeroom, scheduled, ext:…"]
    assert by_name["sourced_id"].constraints.unique


@pytest.mark.parametrize("code", sorted(STAGED))
def test_every_code_of_staging_has_a_family(code: str) -> None:
    assert families.family(code) in families.DESCRIPTIONS


def test_families_tell_the_parts_of_a_file_apart() -> None:
    codes = ("quotes_malformed", "column_missing", "lifecycle_missing_in_delta", "lifecycle_filled", "id_duplicate")
    assert [families.family(code) for code in codes] == ["structure", "header", "header", "values", "identity"]


def test_loading_the_definitions_imports_nothing_heavy() -> None:
    code = "import sys, pipelines.definitions; print({'great_expectations', 'pandas', 'pyarrow'} & set(sys.modules))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert printed.stdout.strip() == "set()"


def test_a_source_has_one_run_at_a_time() -> None:
    text = (PROJECT / "dagster_home" / "dagster.yaml").read_text()
    (limit,) = yaml.safe_load(text)["concurrency"]["runs"]["tag_concurrency_limits"]
    assert limit == {"key": "dagster/partition", "value": {"applyLimitPerUniqueValue": True}, "limit": 1}


def test_keys_are_stage_and_table() -> None:
    assert naming.roster(BY_NAME["academicSessions"]) == dg.AssetKey(["roster", "academic_sessions"])
    assert naming.op_name(naming.BUNDLE) == "landing__bundle"
