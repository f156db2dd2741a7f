"""Databases that come and go: for tests, benchmarks and rehearsals."""

from urllib.parse import urlsplit

import asyncpg

from core.database import Connection
from core.database_url import connection_arguments


def url_of(server_url: str, name: str) -> str:
    """The URL of database `name` on the server of `server_url`."""
    return urlsplit(server_url)._replace(path=f"/{name}").geturl()


async def connect_as_owner(url: str) -> Connection:
    """A connection as the user of `url`, who owns the tables and may do what the application may not."""
    return await asyncpg.connect(**connection_arguments(url))


async def create_database(server_url: str, name: str, *, template: str = "template1") -> str:
    """Make database `name`, a copy of `template`, to which nobody may be connected; its URL."""
    await _execute(server_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return url_of(server_url, name)


async def drop_database(server_url: str, name: str) -> None:
    """Remove database `name` where it exists, and end the sessions in it."""
    await _execute(server_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def _execute(server_url: str, statement: str) -> None:
    connection = await connect_as_owner(server_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
