"""A header against its declaration: what is silent, what is a warning, what refuses the file."""

import pytest

from pipelines.oneroster.manifest import Mode, Version
from pipelines.oneroster.registry import BY_NAME
from pipelines.oneroster.v1p1 import BY_NAME as V1P1
from pipelines.staged.headers import read_columns
from pipelines.staged.reporting import Report

ORGS = BY_NAME["orgs"].header
USERS = BY_NAME["users"]


def codes(entity: str, header: tuple[str, ...], mode: Mode = Mode.BULK, strict: bool = False) -> dict[str, bool]:
    """Code of each finding, and whether it refuses the bundle."""
    report = Report(f"{entity}.csv", strict)
    read_columns(BY_NAME[entity], header, mode, Version.V1P2, report)
    return {found.code: found.rejects_bundle for found in report.findings}


@pytest.mark.parametrize("header", USERS.headers)
def test_every_layout_of_users_is_silent(header: tuple[str, ...]) -> None:
    assert codes("users", header, strict=True) == {}


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ((*ORGS[:4], "TYPE", *ORGS[5:]), "header_case"),
        ((*ORGS[:3], " name", *ORGS[4:]), "header_spaces"),
        ((*ORGS, "colour"), "column_unknown"),
        ((*ORGS, ""), "header_nameless"),
        ((ORGS[0], *ORGS[3:], "status", "dateLastModified"), "header_order"),
        ((*ORGS[:3], "metadata.x", *ORGS[3:]), "header_order"),
        (ORGS[:-1], "column_absent"),
        ((ORGS[0], *ORGS[3:]), "lifecycle_missing"),
    ],
)
def test_deviations_warn_and_are_errors_in_strict(header: tuple[str, ...], code: str) -> None:
    assert codes("orgs", header) == {code: False}
    assert codes("orgs", header, strict=True) == {code: True}


@pytest.mark.parametrize(
    ("header", "mode", "code"),
    [
        ((*ORGS[:3], *ORGS[4:]), Mode.BULK, "column_missing"),
        ((*ORGS, "name"), Mode.BULK, "header_duplicate"),
        ((*ORGS, "Name"), Mode.BULK, "header_duplicate"),
        ((ORGS[0], *ORGS[3:]), Mode.DELTA, "lifecycle_missing_in_delta"),
    ],
)
def test_what_cannot_be_read_refuses(header: tuple[str, ...], mode: Mode, code: str) -> None:
    assert codes("orgs", header, mode)[code] is True


def test_extension_columns_are_found_by_their_key() -> None:
    report = Report("orgs.csv")
    reading = read_columns(BY_NAME["orgs"], (*ORGS, "metadata.jp.x"), Mode.BULK, Version.V1P2, report)
    assert reading.metadata == {"jp.x": len(ORGS)}
    assert not report.findings


def test_the_message_says_which_version_a_header_looks_like() -> None:
    report = Report("lineItems.csv")
    line_items = V1P1["lineItems"].header
    read_columns(BY_NAME["lineItems"], line_items, Mode.BULK, Version.V1P2, report)
    missing = next(found for found in report.findings if found.code == "column_missing")
    assert "academicSessionSourcedId, schoolSourcedId" in missing.message
    assert "looks like OneRoster 1.1" in missing.message
