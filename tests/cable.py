"""The cable between a gateway and PostgreSQL, which a test can pull out and plug in again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlencode, urlsplit

from core.database_url import connection_arguments


class Cable:
    """A TCP port of its own that leads to the server of a database URL."""

    def __init__(self, url: str) -> None:
        self._to = connection_arguments(url)
        self._path = urlsplit(url).path
        self._server: asyncio.Server | None = None
        self._port = 0
        self._writers: set[asyncio.StreamWriter] = set()

    @classmethod
    @asynccontextmanager
    async def to(cls, url: str) -> AsyncIterator["Cable"]:
        """A cable that is plugged in."""
        cable = cls(url)
        await cable.plug_in()
        yield cable
        await cable.pull_out()

    @property
    def url(self) -> str:
        """The database at the other end."""
        query = urlencode({"sslmode": "disable"})
        return f"postgresql://{self._to['user']}:{self._to['password']}@127.0.0.1:{self._port}{self._path}?{query}"

    async def plug_in(self) -> None:
        """Connections are carried on to PostgreSQL."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def pull_out(self) -> None:
        """Every connection breaks, and new ones are refused."""
        if self._server is None:
            return
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()
        self._server = None

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await self._connect()
        self._writers |= {writer, far_writer}
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_pump(reader, far_writer))
                group.create_task(_pump(far_reader, writer))
        finally:
            self._writers -= {writer, far_writer}

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, port = str(self._to["host"]), int(self._to["port"])
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(65_536):
            writer.write(chunk)
            await writer.drain()
    writer.close()
