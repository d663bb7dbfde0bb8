"""The columns and types of the frames that staging hands to publishing: one mapping from Kind to polars type.

Nothing is computed here; the meaning of the columns is told in `pipelines.handover`.
"""

import polars as pl

from pipelines import contract
from pipelines.oneroster.entity import LISTS, Entity, Kind

LINE = "line"
SURPLUS = "surplus"
UTC = pl.Datetime("us", "UTC")
Schema = dict[str, pl.DataType]

FRAME_TYPES: dict[Kind, pl.DataType] = {
    Kind.ID: pl.String(),
    Kind.TEXT: pl.String(),
    Kind.SECRET: pl.String(),
    Kind.ENUM: pl.String(),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.DATE: pl.Date(),
    Kind.DATETIME: UTC,
    Kind.YEAR: pl.Int64(),
    Kind.INTEGER: pl.Int64(),
    Kind.FLOAT: pl.Float64(),
    Kind.REF: pl.String(),
    **dict.fromkeys(LISTS, pl.List(pl.String)),
}

REJECTED_SCHEMA: Schema = {LINE: pl.UInt32(), contract.SOURCED_ID: pl.String(), "codes": pl.List(pl.String)}


def content_schema(entity: Entity) -> Schema:
    """The stored content columns of an entity and its metadata."""
    return {**{column.field: FRAME_TYPES[column.kind] for column in entity.stored}, contract.METADATA: pl.String()}


def accepted_schema(entity: Entity) -> Schema:
    """The columns of a file's accepted rows."""
    leading: Schema = {LINE: pl.UInt32(), SURPLUS: pl.Boolean(), contract.SOURCED_ID: pl.String()}
    return {**leading, contract.STATUS: pl.String(), contract.SENT_DATE: UTC, **content_schema(entity)}
