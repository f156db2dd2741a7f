"""Models say about the tables what the tables say about themselves."""

from typing import Any

import pytest
from tortoise import Model, fields
from tortoise.context import require_context
from tortoise.contrib.postgres.fields import ArrayField

from core.database import APPS, Connection, Database

COLUMNS = """
SELECT table_name, column_name, is_nullable = 'YES' AS nullable, data_type AS type
FROM information_schema.columns
WHERE table_schema = 'public'
"""

KINDS: dict[type[fields.Field[Any]], set[str]] = {
    fields.BigIntField: {"bigint", "xid8"},  # asyncpg reads the ids of transactions as integers
    fields.BinaryField: {"bytea"},
    fields.BooleanField: {"boolean"},
    fields.CharField: {"text", "character varying"},
    fields.DateField: {"date"},
    fields.DatetimeField: {"timestamp with time zone"},
    fields.FloatField: {"double precision"},
    fields.IntField: {"integer"},
    fields.JSONField: {"jsonb"},
    fields.SmallIntField: {"smallint"},
    fields.TextField: {"text"},
    fields.TimeDeltaField: {"bigint"},
    fields.UUIDField: {"uuid"},
    ArrayField: {"ARRAY"},
}


def _types_of(field: fields.Field[Any]) -> set[str]:
    kind = next((kind for kind in type(field).__mro__ if kind in KINDS), None)
    assert kind, f"{type(field).__name__} is a kind of field that this test does not know yet"
    return KINDS[kind]


async def _real_columns(connection: Connection) -> dict[str, dict[str, tuple[str, bool]]]:
    tables: dict[str, dict[str, tuple[str, bool]]] = {}
    for row in await connection.fetch(COLUMNS):
        tables.setdefault(row["table_name"], {})[row["column_name"]] = (row["type"], row["nullable"])
    return tables


def _differences(model: type[Model], real: dict[str, tuple[str, bool]]) -> list[str]:
    columns = {column: model._meta.fields_map[name] for name, column in model._meta.fields_db_projection.items()}
    wrong = [
        f"{column} is {type(field).__name__}{' or null' * field.null} in the model and {real[column]} in the table"
        for column, field in columns.items()
        if column in real and (real[column][0] not in _types_of(field) or real[column][1] != field.null)
    ]
    missing = [f"{column} is in the model only" for column in columns.keys() - real.keys()]
    surplus = [f"{column} is in the table only" for column in real.keys() - columns.keys()]
    return [f"{model._meta.db_table}: {line}" for line in sorted([*wrong, *missing, *surplus])]


async def test_every_model_agrees_with_its_table(database: Database) -> None:
    """Names, kinds and nullability of all columns are the same in the model and in PostgreSQL."""
    async with database.connection() as connection:
        real = await _real_columns(connection)
        apps = require_context().apps
        assert apps is not None
        models = [model for app in apps for model in apps[app].values()]
    assert models
    assert [line for model in models for line in _differences(model, real.get(model._meta.db_table, {}))] == []


@pytest.mark.parametrize("package", APPS)
async def test_tables_are_named_after_their_package(database: Database, package: str) -> None:
    """`<package>_<noun>`, so that a name tells who owns the table."""
    async with database.connection():
        apps = require_context().apps
        assert apps is not None
        tables = [model._meta.db_table for model in apps[package].values()]
    assert [table for table in tables if not table.startswith((f"{package}_", "tortoise_"))] == []
