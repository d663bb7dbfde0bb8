"""The images' lock is in step with pyproject.toml and with what is tested, and each way out of step is found."""

from pathlib import Path

from deploy.validation import locks


def test_nothing_is_wrong() -> None:
    assert list(locks.faults()) == []


def test_what_is_missing_too_old_or_untested_is_found(tmp_path: Path) -> None:
    text = locks.RUNTIME.read_text()
    version = locks.versions(locks.RUNTIME)["flask"]
    changed = tmp_path / "runtime.lock"
    changed.write_text(text.replace(f"flask=={version}", "flask==2.0"))
    older, untested = locks.faults(changed)
    assert older.startswith("runtime.lock: flask>=3.1 is needed, 2.0 is there")
    assert untested.startswith(f"runtime.lock: flask is 2.0, tested is {version}")
    changed.write_text(text.replace(f"flask=={version}", f"flusk=={version}"))
    (missing,) = locks.faults(changed)
    assert missing.startswith("runtime.lock: flask>=3.1 is needed, nothing is there")
