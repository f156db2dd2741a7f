"""Windows of exchanges with every ending, paid, disputed, deposited: every identity after each step, killed or not.

`AGIO_WINDOWS=300 AGIO_EXCHANGES=60 python -m pytest tests/settlement/test_endings.py` looks further.
"""

import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from core.clock import SettableClock
from core.database import Connection, Database
from core.ids import new_id
from core.scratch import connect_as_owner, create_database, drop_database
from ledger import audit
from settlement import AUDIT_CHECKS, Status, current_window
from tests.exchange.saga.stage import Stage, open_stage
from tests.settlement.desk import EVERYTHING, Desk, register
from tests.settlement.endings import EVERY, Endings, people
from tests.settlement.identities import everything, identities, legs
from tests.settlement.steps import STEPS
from tests.settlement.test_random_windows import kill
from tests.settlement.trade import done, seen

WINDOWS = int(os.environ.get("AGIO_WINDOWS", "2"))
EXCHANGES = int(os.environ.get("AGIO_EXCHANGES", "12"))
SEED = int(os.environ.get("AGIO_SEED", "7"))

_PAID_FROM_DEPOSITS = "SELECT count(*) FROM settlement_allocation WHERE rule = 'PREFUND'"

AUDITED_EVERY = 50
"""Windows between two audits of all history; the balances are looked at after every step."""


@pytest.fixture
async def stage(pinned_database: Database, clock: SettableClock, superuser: Connection) -> Stage:
    """Two brands outside and two on the platform."""
    return await open_stage(pinned_database, clock, superuser)


async def test_every_identity_holds_after_every_step(stage: Stage, tmp_path: Path) -> None:
    random = Random(SEED)  # noqa: S311 - a seeded run can be repeated
    endings, desk = Endings(stage, await people(stage, 6), random), Desk(stage.database, tmp_path, random)
    await register(stage.database)
    for number in range(WINDOWS):
        if number == 0 or random.random() < 0.2:
            await desk.agree()
        for _ in range(EXCHANGES):
            await endings.one()
            await identities(stage.database)
        stage.clock.set(stage.clock.now() + timedelta(days=1))
        for work in (desk.settle, desk.bank, desk.decide, desk.bank):
            await work()
        await legs(stage.superuser)
        if number % AUDITED_EVERY == AUDITED_EVERY - 1:
            report = await audit(stage.database, checks=AUDIT_CHECKS)
            assert report.whole, report.findings
    await everything(stage.database, stage.superuser)
    if WINDOWS * EXCHANGES > 2_000:
        assert endings.seen == EVERY
        assert desk.did == EVERYTHING
        assert await stage.superuser.fetchval(_PAID_FROM_DEPOSITS)


@pytest.fixture
async def books(server_url: str, template: str, clock: SettableClock) -> tuple[str, Callable[[], Awaitable[str]]]:
    """A closed room with one window of trade, of which copies can be made."""
    name = f"endings_{new_id().hex}"
    url = await create_database(server_url, name, template=template)
    database, owner = await Database.connect(url, clock=clock), await connect_as_owner(url)
    stage = await open_stage(database, clock, owner)
    endings = Endings(stage, await people(stage, 3), Random(3))  # noqa: S311 - a seeded run can be repeated
    for _ in range(EXCHANGES):
        await endings.one()
    await current_window(database)
    await database.close()
    await owner.close()

    async def copy() -> str:
        return await create_database(server_url, f"copy_{new_id().hex}", template=name)

    return name, copy


async def test_killed_and_resumed_the_statements_are_the_same_bytes(
    books: tuple[str, Callable[[], Awaitable[str]]], clock: SettableClock, server_url: str, tmp_path: Path
) -> None:
    """The same books settled without a hitch, and with every step killed several times on its way."""
    name, copy = books
    written = []
    for seed in (None, *range(max(1, WINDOWS // 20))):
        url = await copy()
        written.append(await settled(url, SettableClock(clock.now()), tmp_path / str(seed), seed))
        await drop_database(server_url, url.rpartition("/")[2].partition("?")[0])
    await drop_database(server_url, name)
    assert len(written[0]) == 6 * 4
    assert all(found == written[0] for found in written)


async def settled(url: str, clock: SettableClock, folder: Path, seed: int | None) -> dict[str, bytes]:
    """The statements of the window."""
    database = await Database.connect(url, clock=clock)
    window = await current_window(database)
    for goal, step in list(STEPS.items())[: list(STEPS).index(Status.ADVISED) + 1]:
        for turn in range(0 if seed is None else 3):
            await kill(step(database, window.id, folder), Random(f"{seed} {goal} {turn}"))  # noqa: S311
        assert done(await step(database, window.id, folder)).status.has_reached(goal)
    assert (await seen(database, window.id)).window.status is Status.ADVISED
    await database.close()
    return {path.name: path.read_bytes() for path in (folder / "window-000001").iterdir()}
