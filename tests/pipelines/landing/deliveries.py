"""Bundles for the tests of landing: a manifest by the declarations, files of a few rows, and zips of them."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

from pipelines.oneroster import manifest
from pipelines.oneroster.manifest import FILE_PREFIX, Mode, Version

Contents = dict[str, str | bytes]


def manifest_rows(version: Version = Version.V1P2, **modes: Mode) -> dict[str, str]:
    """The properties of a manifest that deviates in nothing; files that are not named are absent."""
    files = {name: modes.get(name.removeprefix(FILE_PREFIX), Mode.ABSENT) for name in manifest.file_properties(version)}
    leading = {
        manifest.MANIFEST_VERSION: manifest.MANIFEST_VERSION_VALUE,
        manifest.ONEROSTER_VERSION: version.value,
    }
    return {**leading, **files}


def manifest_text(rows: Mapping[str, str], header: tuple[str, ...] = manifest.HEADER) -> str:
    """A manifest.csv of those properties."""
    lines = [",".join(header), *(f"{name},{value}" for name, value in rows.items())]
    return "\n".join(lines) + "\n"


def table(name: str, *rows: Mapping[str, str], version: Version = Version.V1P2) -> str:
    """A CSV file with the header of the standard; cells that are not given are blank."""
    entity = next(entity for entity in version.entities if entity.name == name)
    lines = [",".join(entity.header), *(",".join(row.get(column, "") for column in entity.header) for row in rows)]
    return "\n".join(lines) + "\n"


ORGS = table("orgs", {"sourcedId": "o1", "name": "North", "type": "school"})


def small() -> Contents:
    """A bundle of two files that deviates in nothing."""
    return {"manifest.csv": manifest_text(manifest_rows(orgs=Mode.BULK)), "orgs.csv": ORGS}


def as_folder(folder: Path, contents: Contents) -> Path:
    """Those files in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def as_zip(path: Path, contents: Contents, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    """Those files in a zip, under exactly those names."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path
