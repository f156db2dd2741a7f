"""What creditors will be paid is out of reach from the cut-off on, also where the lines have to be read first."""

import asyncio
from uuid import UUID

import pytest

from core.database import Database
from core.ids import new_id
from core.refusals import NetDebitCapReached
from exchange import Acceptance, Exchange, QuoteRequest, accept, quote
from exchange.offers import Quote
from ledger import audit
from settlement import AUDIT_CHECKS, Actor, Status, Window, abort, close, closing, net, reconcile, windows
from tests.network import Network, Person, load_network
from tests.settlement.agreed import agree_on
from tests.settlement.trade import MAKER, done, trade

PAIR = """
model = "air"
netting = "{}"
pairs = [["hotel", "airline"]]
[caps]
hotel = "5000.00"
airline = "10.00"
"""


async def whole(database: Database) -> None:
    report = await audit(database, checks=AUDIT_CHECKS)
    assert report.whole, report.findings


async def paired(database: Database, netting: str = "bilateral") -> tuple[Network, Person]:
    """The airline may owe 10.00; Ann has points of both."""
    network = await load_network(database)
    await agree_on(database, PAIR.format(netting))
    return network, await network.enrol({"HOTEL": 500_000, "MILES": 500_000})


async def back(network: Network, person: Person, miles: int) -> Exchange | NetDebitCapReached:
    """Miles into hotel points: the airline owes 0.06 for each mile."""
    found = await quote(network.database, QuoteRequest(person.id, "MILES", "HOTEL", miles))
    if isinstance(found, Quote):
        answer = await accept(network.database, Acceptance(found.id, person.id, str(new_id())))
        assert isinstance(answer, Exchange | NetDebitCapReached), answer
        return answer
    assert isinstance(found, NetDebitCapReached), found
    return found


@pytest.mark.parametrize("netting", ["bilateral", "gross"])
async def test_between_the_cut_off_and_the_count_nothing_of_it_can_be_spent(
    database: Database, monkeypatch: pytest.MonkeyPatch, netting: str
) -> None:
    """148.50 are the airline's for the window. While it is counted, 10.00 less three fen are left; afterwards 10.00."""
    network, ann = await paired(database, netting)
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    counting, tried = closing._count, []

    async def count(books: Database, window_id: UUID, actor: Actor) -> Window:
        tried.append(await back(network, ann, 500))
        return await counting(books, window_id, actor)

    monkeypatch.setattr(closing, "_count", count)
    window = done(await close(database, MAKER, model="air"))
    refused = NetDebitCapReached(network.brand_id("airline"), needed=30_000_000, left=9_970_000)
    assert tried == [refused]
    assert await back(network, ann, 500) == NetDebitCapReached(
        refused.participant_id, needed=30_000_000, left=10_000_000
    )
    done(await reconcile(database, window.id, MAKER))
    assert done(await net(database, window.id, MAKER)).status is Status.NETTED
    await whole(database)


async def test_windows_that_close_under_load_can_always_be_netted(database: Database) -> None:
    """The airline spends whatever it can, as fast as it can, while windows close: no netting ever lacks room."""
    network, ann = await paired(database)
    done_earning = asyncio.Event()

    async def spend() -> int:
        spent = 0
        while not done_earning.is_set():
            spent += isinstance(await back(network, ann, 500), Exchange)
        return spent

    async def earn() -> None:
        for _ in range(6):
            await trade(network, (ann, "HOTEL", "MILES", 1_000))
        done_earning.set()

    closed = []
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        spending = [group.create_task(spend()) for _ in range(2)]
        group.create_task(earn())
        while not done_earning.is_set():
            closed.append(done(await close(database, MAKER, model="air")))
    closed.append(done(await close(database, MAKER, model="air")))
    for window in closed:
        done(await reconcile(database, window.id, MAKER))
        assert done(await net(database, window.id, MAKER)).status is Status.NETTED
    assert sum(task.result() for task in spending) > 0
    await whole(database)


async def test_a_window_that_is_aborted_gives_back_what_was_set_aside(database: Database) -> None:
    """Once the window is given up, its 148.50 can be spent again: 158.50 in all."""
    network, ann = await paired(database)
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    window = done(await close(database, MAKER, model="air"))
    assert done(await abort(database, window.id, MAKER, reason="a wrong rate")).status is Status.ABORTED
    assert isinstance(await back(network, ann, 2_650), NetDebitCapReached)
    assert isinstance(await back(network, ann, 2_640), Exchange)
    assert [it.status for it in await windows(database, model="air")] == [Status.OPEN, Status.ABORTED]
    await whole(database)
