"""`agio demo`: the example network, the journey through it, and a server that goes on."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final

import typer
import uvicorn

import brands
import ledger
from adapters.simulator.sign_in import SignInSimulator
from adapters.wechat import WeChatApp
from brands.clients import client
from core.database import Database
from core.errors import AgioError, ConfigurationError, Refusal
from core.file_locks import locked
from core.postgres import postgres
from core.secrets import derive_key, root_secret
from gateway.app import create_app
from gateway.cli.audit import describe, recomputed
from gateway.cli.members import load_file
from gateway.cli.printing import say
from gateway.cli.running import migrated
from gateway.cli.serve import GRACE_SECONDS
from gateway.cli.token import STAFF_SECONDS, token_of
from gateway.cli.worker import work_on
from gateway.settings import GatewaySettings, Mode
from gateway.websocket import MESSAGE_BYTES_MAX
from members import MemberKeys, membership_by_number
from members.report import ImportReport
from schema.scopes import MEMBER_SCOPES, ROLE_SCOPES, Role
from schema.viewer import Viewer, ViewerKind

ROOT: Final = Path(__file__).resolve().parents[2]
NETWORK: Final = ROOT / "examples" / "network"
EXPORTS: Final = {"aurora": "aurora-members.csv", "meridian": "meridian-members.txt", "kopi": "kopi-members.csv"}
CLIENTS: Final = ("aurora-crm", "kopi-canal-till-1", "meridian-lounge-east-door")
MAKER, CHECKER = "maker@finance", "checker@finance"
PROGRAM, NUMBER = "AURORA", "AV1000001"
"""Of the member in the journey."""
BROKEN_SHOWN: Final = 2
PATIENCE_SECONDS: Final = 600
"""How long the first start may take to load the members."""
_PHONE_APP: Final = "wx-agio-demo"


class JourneyFailed(AgioError):
    """The journey did not go as it should; what it printed last says where."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What the demo runs on."""

    settings: GatewaySettings
    database: Database
    sign_in_url: str

    @property
    def url(self) -> str:
        """Where the gateway answers."""
        return self.settings.public_url

    def secret(self, client_id: str) -> str:
        """The secret of an example client: the same for one home, so that a second start needs no new one."""
        return derive_key(root_secret(self.settings.core.home), f"demo client {client_id}").hex()

    def token(self, kind: ViewerKind, subject: str, client_id: str, scopes: Iterable[str]) -> str:
        """A token that is good for a day's work."""
        viewer = Viewer(kind, subject, client_id, frozenset(map(str, scopes)))
        return token_of(self.settings, viewer, lifetime_seconds=STAFF_SECONDS)

    def staff(self, name: str, *roles: Role) -> str:
        """A token of a member of staff."""
        return self.token(ViewerKind.STAFF, name, "agio-cli", frozenset().union(*(ROLE_SCOPES[role] for role in roles)))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: AGIO_PORT=8801 agio demo --exit")(demo)


def demo(
    *, leave: Annotated[bool, typer.Option("--exit", help="End after the journey in place of serving on.")] = False
) -> None:
    """Load the example network, walk through it step by step, check the books, and go on serving until Ctrl-C."""
    settings = GatewaySettings.from_environment(os.environ | {"AGIO_MODE": os.environ.get("AGIO_MODE") or Mode.DEMO})
    _check_port(settings.core.port)
    if not NETWORK.is_dir():
        raise ConfigurationError("The example network stands in a checkout of Agio, and this is not one.")
    with postgres(settings.core, kept=True) as url:
        asyncio.run(migrated(url, settings.core))
        asyncio.run(_demo(replace(settings, core=replace(settings.core, database_url=url)), serve_on=not leave))


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            message = f"Port {port} is taken; choose another with AGIO_PORT."
            raise ConfigurationError(message) from error


async def _demo(settings: GatewaySettings, *, serve_on: bool) -> None:
    assert settings.core.database_url is not None
    simulator = SignInSimulator(_PHONE_APP, "demo")
    async with _opened(settings.core.database_url) as database, simulator.serving() as sign_in_url:
        told = replace(settings, wechat=WeChatApp(_PHONE_APP, "demo", sign_in_url))
        stage = Stage(told, database, sign_in_url)
        async with _walking(stage) as journey:
            await _load(stage)
            async with _serving(told) as server:
                await asyncio.wait({journey, server}, return_when=asyncio.FIRST_COMPLETED)
                if not journey.done():
                    return
                journey.result()
                if serve_on:
                    await _serve_on(stage, server)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    database = await Database.connect(url)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def _serving(settings: GatewaySettings) -> AsyncIterator[asyncio.Task[None]]:
    config = uvicorn.Config(
        create_app(settings),
        port=settings.core.port,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=MESSAGE_BYTES_MAX,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    try:
        while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        yield task
    finally:
        server.should_exit = True
        await task


async def _load(stage: Stage) -> None:
    """Put the network into force and bring the members over; a second time both change nothing."""
    say("The example network: a hotel group, an airline, a coffee chain\n")
    configs = brands.load_network_files(sorted(NETWORK.glob("*.toml")))
    if isinstance(configs, brands.ConfigRefused):
        raise ConfigurationError(configs.message)
    secrets = {name: stage.secret(name) for config in configs for name in config.network.clients}
    applied = await brands.apply_all(stage.database, configs, secrets=secrets)
    if isinstance(applied, brands.ConfigRefused):
        raise ConfigurationError(applied.message)
    say(f"   {len(configs)} network files: {len(applied.changes)} changes" if applied.changes else "   As before.")
    keys = MemberKeys.from_root(root_secret(stage.settings.core.home))
    for brand, name in EXPORTS.items():
        report = await load_file(stage.database, keys, brand, NETWORK / name)
        if isinstance(report, Refusal):
            raise ConfigurationError(report.message)
        say(f"   {name}: {_brought_over(report)}; {report.duplicates} duplicates, {len(report.broken)} broken rows:")
        for row in report.broken[:BROKEN_SHOWN]:
            say(f"      line {row.line}: {row.column or 'the row'} {row.reason}")
        if len(report.broken) > BROKEN_SHOWN:
            command = f"agio members import {brand} {(NETWORK / name).relative_to(ROOT)}"
            say(f"      … and {len(report.broken) - BROKEN_SHOWN} more: `{command}` lists them")


def _brought_over(report: ImportReport) -> str:
    known = f"{report.unchanged:,} members known" if report.unchanged else ""
    new = f"{report.imported:,} members, {Decimal(report.points):,} points" if report.imported else ""
    return "; ".join(filter(None, (new, known)))


@asynccontextmanager
async def _walking(stage: Stage) -> AsyncIterator[asyncio.Task[None]]:
    """The journey, which gets ready at once and sets out when the server answers."""
    journey = asyncio.create_task(_walk(stage))
    try:
        yield journey
    finally:
        journey.cancel()
        with suppress(asyncio.CancelledError, JourneyFailed):
            await journey


async def _walk(stage: Stage) -> None:
    """The journey in a process of its own, over HTTP; then the audit."""
    with locked(stage.settings.core.home / "journey"):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "examples.journey", cwd=ROOT, env=_environment(stage), start_new_session=True
        )
        try:
            status = await process.wait()
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
    if status:
        raise JourneyFailed
    say("\nAnd the books?")
    await ledger.seal(stage.database)
    report = await recomputed(stage.database)
    describe(report)
    if not report.whole:
        raise JourneyFailed


def _environment(stage: Stage) -> Mapping[str, str]:
    given = {
        "AGIO_URL": stage.url,
        "AGIO_PATIENCE_SECONDS": str(PATIENCE_SECONDS),
        "SIGN_IN_URL": stage.sign_in_url,
        "AGIO_MAKER_TOKEN": stage.staff(MAKER, Role.MAKER, Role.CHECKER),
        "AGIO_CHECKER_TOKEN": stage.staff(CHECKER, Role.CHECKER),
    }
    secrets = {f"AGIO_SECRET_{name.upper().replace('-', '_')}": stage.secret(name) for name in CLIENTS}
    return os.environ | given | secrets


async def _serve_on(stage: Stage, server: asyncio.Task[None]) -> None:
    await _invite(stage)
    jobs = asyncio.create_task(work_on(stage.settings, stage.database))
    try:
        await asyncio.wait({jobs, server}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        jobs.cancel()
        with suppress(asyncio.CancelledError):
            await jobs


async def _invite(stage: Stage) -> None:
    """Say where to go on, and as whom."""
    async with stage.database.connection() as connection:
        program = (await brands.directory(connection)).program(PROGRAM)
        card = program and await membership_by_number(connection, program.id, NUMBER)
        machine = await client(connection, CLIENTS[0])
    assert card, "the member file was imported"
    assert machine, "the network was applied"
    say(f"\nExplore the graph: {stage.url}/explorer\n\nTokens for it, good for {STAFF_SECONDS // 3600} hours:")
    say(f"\nMember:\n{stage.token(ViewerKind.MEMBER, str(card.member_id), 'agio-wallet', MEMBER_SCOPES)}")
    say(f"\nBrand ({machine.id}):\n{stage.token(ViewerKind.BRAND, str(machine.brand_id), machine.id, machine.scopes)}")
    say(f"\nFinance, maker:\n{stage.staff(MAKER, Role.MAKER)}")
    say(f"\nFinance, checker:\n{stage.staff(CHECKER, Role.CHECKER)}")
    say("\nCtrl-C stops everything that was started here.")
