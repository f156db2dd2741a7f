"""Random trade over many windows, some of them aborted, some netted late: every identity after each step."""

from random import Random

import pytest

from core.database import Database
from ledger import audit
from settlement import (
    AUDIT_CHECKS,
    Replay,
    Status,
    Window,
    abort,
    approve,
    close,
    net,
    reconcile,
    replay,
    submit,
    windows,
)
from tests.network import Network, Person, load_network
from tests.settlement.trade import CHECKER, MAKER, claim_lounge, done, seen, trade, visit_lounge

PROGRAMS = ("HOTEL", "MILES", "BEANS")


async def some_trade(network: Network, people: list[Person], random: Random) -> None:
    """A handful of exchanges, and now and then a visit to the lounge."""
    orders = []
    for _ in range(random.randrange(8)):
        source, target = random.sample(PROGRAMS, 2)
        steps = {"HOTEL": (1_000, 100), "MILES": (500, 10), "BEANS": (50_00, 50)}
        least, step = steps[source]
        orders.append((random.choice(people), source, target, least + step * random.randrange(20)))
    await trade(network, *orders)
    if random.random() < 0.3:
        person = random.choice(people)
        grant = await claim_lounge(network, person, random.choice(["HOTEL", "MILES"]))
        if random.random() < 0.7:
            await visit_lounge(network, person, grant)


async def one_step(database: Database, window: Window, random: Random) -> None:
    """The next step of a window; sometimes it is given up when that is still possible."""
    if window.status is not Status.OPEN and random.random() < 0.1:
        await abort(database, window.id, MAKER, reason="by chance")
        return
    match window.status:
        case Status.OPEN:
            done(await close(database, MAKER, window_id=window.id))
        case Status.CLOSED:
            done(await reconcile(database, window.id, MAKER))
        case Status.RECONCILED:
            done(await net(database, window.id, MAKER))
        case Status.NETTED:
            done(await submit(database, window.id, MAKER))
        case Status.SUBMITTED:
            digest = (await seen(database, window.id)).figures.digest
            done(await approve(database, window.id, CHECKER, digest=digest, reason="compared"))
        case _:
            pass


async def identities(database: Database) -> None:
    """Every window's figures tie and replay; the books are whole."""
    for window in await windows(database):
        figures = (await seen(database, window.id)).figures
        assert figures.ties
        assert len(figures.payments) <= len(figures.positions) - 1
        if window.status.has_reached(Status.NETTED):
            proof = await replay(database, window.id)
            assert isinstance(proof, Replay)
            assert proof.agrees
    report = await audit(database, checks=AUDIT_CHECKS)
    assert report.whole, report.findings


@pytest.mark.parametrize("seed", range(3))
async def test_random_windows_keep_every_identity(database: Database, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a seeded run can be repeated
    network = await load_network(database)
    people = await network.enrol_many(5, {"HOTEL": 150_000, "MILES": 80_000, "BEANS": 500_000})
    for _ in range(25):
        await some_trade(network, people, random)
        for window in random.sample(await windows(database), k=min(2, len(await windows(database)))):
            await one_step(database, window, random)
        if random.random() < 0.4:
            done(await close(database, MAKER))
        if random.random() < 0.2:
            await identities(database)
    await identities(database)
