"""Secondary indexes come with the first rows, and only then."""

from pipelines.oneroster.registry import ENTITIES
from pipelines.roster.schema import indexed
from tests.pipelines.conftest import Publish, Rows
from tests.pipelines.district import District

SECONDARY = "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE '%%pkey' ORDER BY 1"


def test_the_first_publication_makes_the_indexes(publish_district: Publish, rows: Rows) -> None:
    before = {row["indexname"] for row in rows(SECONDARY)}
    publish_district(District())
    made = {row["indexname"] for row in rows(SECONDARY)} - before
    expected = {f"{entity.table}_{column.field}" for entity in ENTITIES for column in indexed(entity)}
    assert made == expected | {f"{entity.table}_dangling" for entity in ENTITIES}
    publish_district(District(), source="another")
    assert {row["indexname"] for row in rows(SECONDARY)} - before == made
