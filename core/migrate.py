"""Bringing a database's schema up to date."""

from tortoise.context import require_context
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget
from tortoise.migrations.schema_editor import AsyncpgSchemaEditor

from core.database import APPS, Connection, apps_with_tables, connection_of, open_context
from core.errors import ConfigurationError

_LOCK = 0x6167_696F
"""The key of PostgreSQL's advisory lock: the letters `agio`."""

_OLDEST = 16
"""The major version of PostgreSQL that has all that our SQL uses (`any_value`)."""


async def migrate(url: str) -> list[str]:
    """Apply what is missing, as the user of `url`, who becomes the tables' owner; `package.name` of each one applied.

    All of it is one transaction: a migration that fails leaves the database as it was. Any number of processes may
    call this at once.
    """
    context = await open_context(url, role=None, pool_size_max=1)
    try:
        async with connection_of(context) as connection, connection.transaction():
            _check_version(connection)
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            return await _apply()
    finally:
        await context.close_connections()


def _check_version(connection: Connection) -> None:
    found = connection.get_server_version().major
    if found < _OLDEST:
        message = f"PostgreSQL {found} is too old: DATABASE_URL must name version {_OLDEST} or newer"
        raise ConfigurationError(message)


async def pending() -> list[str]:
    """`package.name` of every migration that waits to be applied, in order. Call it in a connection's block."""
    return [_name(target) for target in await _missing(_executor())]


async def _apply() -> list[str]:
    executor = _executor()
    await executor.recorder.ensure_schema(AsyncpgSchemaEditor(executor.connection, atomic=False))
    missing = await _missing(executor)
    await _run(executor, missing)
    return [_name(target) for target in missing]


async def _run(executor: MigrationExecutor, targets: list[MigrationTarget]) -> None:
    begun: list[str] = []
    try:
        await executor.migrate(targets, direction="forward", progress=lambda *event: begun.append(".".join(event[1:])))
    except Exception as error:
        error.add_note(f"The migration that failed is {begun[-1] if begun else 'not known'}.")
        raise


def _name(target: MigrationTarget) -> str:
    return f"{target.app_label}.{target.name}"


def _executor() -> MigrationExecutor:
    return MigrationExecutor(require_context().db(), apps_with_tables())


async def _missing(executor: MigrationExecutor) -> list[MigrationTarget]:
    """In the order of the import law, so that a table may refer to those of the packages below it."""
    await executor.loader.build_graph()
    keys = executor.loader.disk_migrations.keys() - executor.loader.applied_migrations
    ordered = sorted(keys, key=lambda key: (APPS.index(key.app_label), key.name))
    return [MigrationTarget(app_label=key.app_label, name=key.name) for key in ordered]
