"""Servers that behave as the network's worst do, on real sockets; and a program that is reached through them."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

import brands
from adapters.brand_systems.registry import OpenBrandSystems, open_brand_systems
from brands import Program, apply
from core.database import Database
from core.ids import new_id
from exchange.brand_system import BrandSystem, Instruction, Leg, MemberReference, Operation, Reference
from tests.brands.samples import read

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

KEY = "k3y-of-the-rail"
ENVIRONMENT = {"AGIO_BRAND_RAIL_API_KEY": KEY, "AGIO_BRAND_RAIL_HOOK": "hook-key-0123"}


@asynccontextmanager
async def talking(talk: Talk) -> AsyncIterator[str]:
    """A TCP server that does with each connection what `talk` does; its address."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await talk(reader, writer)
        writer.close()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def request_of(reader: asyncio.StreamReader) -> bytes:
    """A whole request: its head and its body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    return head + await reader.readexactly(length)


def saying(answer: bytes) -> Talk:
    """Reads a request, answers these bytes and closes."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(answer)
        await writer.drain()

    return talk


def http(status: int, body: Any, headers: Mapping[str, str] | None = None) -> bytes:
    """A whole HTTP answer; a body that is not bytes becomes JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(content)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


@dataclass(slots=True)
class Desk:
    """An HTTP server that answers as told and remembers what it was asked."""

    answer: Callable[[web.Request, bytes], web.StreamResponse]
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Serve; the address."""
        application = web.Application()
        application.router.add_route("*", "/{rest:.*}", self._answer)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.asked.append((request.method, request.path_qs, dict(request.headers), body))
        return self.answer(request, body)


@asynccontextmanager
async def reached(
    database: Database, home: Path, text: str, environment: Mapping[str, str] = ENVIRONMENT
) -> AsyncIterator[tuple[OpenBrandSystems, Program]]:
    """Put a network file into force and open the brands' systems."""
    applied = await apply(database, read(text))
    assert isinstance(applied, brands.Applied), applied.message
    async with database.connection() as connection:
        program = (await brands.directory(connection)).program("RAIL")
    assert program is not None
    async with open_brand_systems(database, home, environment) as systems:
        yield systems, program


def instruction(operation: Operation = Operation.DEBIT, amount: int = 1250) -> Instruction:
    """An instruction about a member; amounts have two decimals."""
    return Instruction(reference(operation), MemberReference("10001", "Lin"), amount, _instant())


def reference(operation: Operation = Operation.DEBIT) -> Reference:
    """A new one."""
    return Reference(new_id(), Leg.CERTIFICATION, operation)


def _instant() -> datetime:
    return datetime(2026, 1, 15, 4, tzinfo=UTC)


async def credit(system: BrandSystem) -> Any:
    """What becomes of a credit of 12.50."""
    return await system.credit(instruction(Operation.CREDIT))
