"""Lists of ids as parameters."""

import psycopg
import pytest

from api.query.idlists import IdList


@pytest.mark.parametrize("ids", [[], ["one"], ["a,b", '"', "\\", "", "é", "生徒"], [str(n) for n in range(20_000)]])
def test_postgresql_reads_what_was_written(migrated_url: str, ids: list[str]) -> None:
    with psycopg.connect(migrated_url) as connection:
        ((read,),) = connection.execute("SELECT %s", (IdList(ids),))
    assert read == ids


@pytest.mark.parametrize(("id", "left"), [("b", ["b"]), ("c", [])])
def test_only_keeps_what_was_among_them(migrated_url: str, id: str, left: list[str]) -> None:
    with psycopg.connect(migrated_url) as connection:
        ((read,),) = connection.execute("SELECT %s", (IdList(["a", "b"]).only(id),))
    assert read == left
