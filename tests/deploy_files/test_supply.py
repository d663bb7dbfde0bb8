"""The bill of materials names what is shipped and nothing else; an audit tells what is known from what is not."""

import json
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deploy.supply import audit, locked
from deploy.supply.audit import Advisory, Exemption, UnansweredError
from deploy.validation import tools
from deploy.validation.locks import RUNTIME

LOCK = """\
flask==3.1.2 \\
    --hash=sha256:{a} \\
    --hash=sha256:{b}
psycopg[binary]==3.2.1 ; python_version >= "3.11" \\
    --hash=sha256:{b}
no-such-package==1.0 \\
    --hash=sha256:{a}
""".format(a="a" * 64, b="b" * 64)


def shipped() -> set[tuple[str, str]]:
    """Name and version of every line of the images' lock that begins a package, read another way."""
    begun = [line.split(" ")[0] for line in RUNTIME.read_text().splitlines() if "==" in line.split(" ")[0]]
    return {(name.partition("[")[0].lower(), version) for name, version in (line.split("==") for line in begun)}


def test_a_lock_is_read(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_text(LOCK)
    flask, psycopg, unknown = locked.packages(path)
    assert (flask.name, flask.version, flask.hashes) == ("flask", "3.1.2", ("a" * 64, "b" * 64))
    assert flask.licence == "BSD-3-Clause"
    assert {"werkzeug", "jinja2"} <= flask.needs
    assert (psycopg.version, psycopg.hashes) == ("3.2.1", ("b" * 64,))
    assert (unknown.licence, unknown.needs, unknown.hashes) == ("", frozenset(), ("a" * 64,))


def test_every_package_that_is_shipped_is_listed_with_its_hashes() -> None:
    found = locked.packages(RUNTIME)
    assert {(package.name, package.version) for package in found} == shipped()
    assert [package.name for package in found if not package.hashes] == []


def test_a_licence_of_every_package_that_is_installed_is_known() -> None:
    missing = [package.name for package in locked.packages(RUNTIME) if package.needs and not package.licence]
    assert missing == []


def test_the_bill_of_materials_names_them_and_nothing_else() -> None:
    pytest.importorskip("cyclonedx", reason="`make sbom` installs it")
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    from deploy.supply import sbom

    text = sbom.written(locked.packages(RUNTIME))
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)
    assert bill["specVersion"] == "1.6"
    assert {(one["name"], one["version"]) for one in bill["components"]} == shipped()
    assert len(bill["components"]) == len(shipped())
    assert bill["metadata"]["component"]["name"] == "rosterhub"
    needs = {one["ref"]: one.get("dependsOn", []) for one in bill["dependencies"]}
    assert any(ref.startswith("pkg:pypi/flask@") for ref in needs["rosterhub"])
    flask = next(one for one in bill["components"] if one["name"] == "flask")
    assert flask["licenses"]
    assert len(flask["externalReferences"][0]["hashes"]) >= 2


def answer(*dependencies: dict[str, Any]) -> dict[str, Any]:
    return {"dependencies": list(dependencies)}


FAULT = {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["1.2", "2.0"], "description": "…"}


def test_known_faults_are_told_with_their_remedy() -> None:
    (found,) = audit.advisories(
        answer({"name": "a", "version": "1.0", "vulns": [FAULT]}, {"name": "b", "version": "1", "vulns": []})
    )
    assert str(found) == "a 1.0: PYSEC-1, CVE-1, fixed in 1.2, 2.0"


def test_packages_that_were_left_out_are_not_taken_for_sound() -> None:
    left_out = {"name": "b", "skip_reason": "not found"}
    with pytest.raises(UnansweredError, match=r"does not have 1 of 2 packages \(b\)"):
        list(audit.advisories(answer({"name": "a", "version": "1.0", "vulns": []}, left_out)))


def test_an_exemption_is_for_one_advisory_and_ends() -> None:
    one = Exemption("CVE-1", "a", "because", date(2027, 1, 31))
    known = Advisory("a", "1.0", ("PYSEC-1", "CVE-1"), "")
    assert one.covers(known, date(2027, 1, 30))
    assert not one.covers(known, date(2027, 1, 31))
    assert not one.covers(Advisory("b", "1.0", ("CVE-1",), ""), date(2027, 1, 30))


def test_exemptions_on_record_have_reasons() -> None:
    assert [one.id for one in audit.exemptions() if len(one.reason) < 20] == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (answer({"name": "a", "version": "1.0", "vulns": []}), 0),
        (answer({"name": "a", "version": "1.0", "vulns": [FAULT]}), 1),
        (answer({"name": "a", "skip_reason": "not found"}), 3),
        (None, 3),
    ],
)
def test_exit_codes(monkeypatch: pytest.MonkeyPatch, said: dict[str, Any] | None, code: int) -> None:
    def run(*_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 1, json.dumps(said) if said else "", "…\nconnection refused")

    monkeypatch.setattr(tools, "run", run)
    assert audit.main() == code
