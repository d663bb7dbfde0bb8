"""Settings of single sources: what they may say, what is told of mistakes, and that each of them does something."""

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from pipelines import syncing
from pipelines.errors import SettingsError
from pipelines.orchestration.survey import remarks, survey
from pipelines.settings import Settings, load
from pipelines.source_settings import SourceSettings, of_source
from tests.pipelines.district import District

Write = Callable[[str], Settings]


@pytest.fixture
def settings(tmp_path: Path, migrated_url: str) -> Settings:
    variables = {"ROSTERHUB_HOME": str(tmp_path), "DATABASE_URL": migrated_url, "ROSTERHUB_STABLE_SECONDS": "0"}
    return load(variables, dotenv=None, announced=False)


@pytest.fixture
def write(settings: Settings) -> Write:
    def run(text: str) -> Settings:
        settings.sources_file.write_text(text, encoding="utf-8")
        return settings

    return run


def test_without_a_file_the_rulings_hold(settings: Settings) -> None:
    assert of_source(settings.sources_file, "north") == SourceSettings()


def test_every_setting_is_read(write: Write) -> None:
    path = write(
        '[north]\nprofile = "japan"\nstrict = true\nencoding = "cp932"\nfreeze = ["2026-03-20/2026-04-05"]\n'
        "thresholds = { gone_share = 0.5, gone_records = 7 }\n"
    ).sources_file
    own = of_source(path, "north")
    assert (own.profile, own.strict, own.encoding) == ("japan", True, "cp932")
    assert (own.thresholds.gone_share, own.thresholds.gone_records, own.thresholds.lost_share) == (0.5, 7, 0.5)
    assert own.frozen_until(date(2026, 3, 20)) == own.frozen_until(date(2026, 4, 5)) == date(2026, 4, 5)
    assert own.frozen_until(date(2026, 4, 6)) is None
    assert of_source(path, "south") == SourceSettings()


def test_all_mistakes_are_listed_at_once(write: Write) -> None:
    settings = write(
        '[north]\ncolour = 1\nprofile = "french"\nstrict = "yes"\nencoding = "klingon"\nfreeze = ["april"]\n'
        '[south]\nthresholds = { gone_share = -1 }\n["No Source"]\n'
    )
    with pytest.raises(SettingsError) as caught:
        of_source(settings.sources_file, "elsewhere")
    for word in ("colour", "profile", "strict", "klingon", "april", "south: thresholds", "No Source"):
        assert word in str(caught.value)


def test_a_file_that_is_no_toml_is_told(write: Write) -> None:
    with pytest.raises(SettingsError, match="no TOML"):
        of_source(write("[north").sources_file, "north")


def in_cp932(bundle: Path) -> Path:
    for path in bundle.glob("*.csv"):
        path.write_bytes(path.read_text(encoding="utf-8").encode("cp932"))
    return bundle


@pytest.mark.parametrize("zipped", [False, True])
def test_another_encoding_is_read_where_the_source_says_so(write: Write, zipped: bool) -> None:
    settings = write('[south]\nencoding = "cp932"\n')
    district = District().change("users", "pupil1", familyName="髙橋")
    for source in ("north", "south"):
        bundle = in_cp932(district.write(settings.landing / source / "bundle"))
        if zipped:
            with zipfile.ZipFile(settings.landing / source / "bundle.zip", "w") as archive:
                for path in bundle.glob("*.csv"):
                    archive.write(path, path.name)
                    path.unlink()
            bundle.rmdir()
    refused, published = syncing.sync(settings, "north"), syncing.sync(settings, "south")
    assert refused.outcome == "rejected"
    assert any("CP932" in reason for reason in refused.reasons)
    assert published.outcome == "published"


def test_thresholds_and_strictness_are_the_source_s_own(write: Write) -> None:
    settings = write("[north]\nthresholds = { rejected_share = 1.0 }\n[strict]\nstrict = true\n")
    faulty = District().change("enrollments", "e2", role="nonsense")
    for source in ("north", "south"):
        faulty.write(settings.landing / source / "bundle")
    District().change("users", "pupil2", enabledUser="TRUE").write(settings.landing / "strict" / "bundle")
    assert syncing.sync(settings, "north").outcome == "published"
    assert syncing.sync(settings, "south").outcome == "rejected"
    assert syncing.sync(settings, "strict").outcome == "rejected"


def test_a_frozen_source_is_not_taken_by_schedule(write: Write) -> None:
    settings = write('[north]\nfreeze = ["2000-01-01/2999-12-31"]\n')
    for source in ("north", "south"):
        District().write(settings.landing / source / "bundle")
    waiting = list(survey(settings))
    assert {one.source: one.arrival is not None for one in waiting} == {"north": False, "south": True}
    assert "north: frozen until 2999-12-31" in remarks(settings, waiting)
    assert syncing.sync(settings, "north").outcome == "published", "by hand it can be"
