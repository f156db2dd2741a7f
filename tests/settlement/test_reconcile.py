"""Whether the platform's own books tie: every line against the record it stands for, and the other way round."""

from brands import OPERATOR_ID
from brands.accounts import position_account
from core.codes import Code
from core.database import Connection, Database
from core.ids import new_id
from ledger import Transfer, post
from settlement import BooksDiffer, Difference, Status, reconcile
from tests.network import Network, load_network
from tests.settlement.trade import MAKER, claim_lounge, done, seen, to_closed, trade, visit_lounge


async def busy(database: Database) -> Network:
    """A network in which an exchange, a grant and a redemption touched positions."""
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 10_000, "MILES": 5_000})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    await visit_lounge(network, ann, await claim_lounge(network, ann, "MILES"))
    return network


async def differences(database: Database) -> tuple[Difference, ...]:
    """What reconciling the open window finds, after closing it; it must not move on."""
    window = await to_closed(database)
    answer = await reconcile(database, window.id, MAKER)
    assert isinstance(answer, BooksDiffer), answer
    assert (await seen(database, window.id)).window.status is Status.CLOSED
    return answer.differences


async def test_a_window_whose_books_tie_is_reconciled(database: Database) -> None:
    await busy(database)
    window = await to_closed(database)
    assert done(await reconcile(database, window.id, MAKER)).status is Status.RECONCILED


async def test_an_exchange_that_says_something_else(database: Database, superuser: Connection) -> None:
    network = await busy(database)
    changed = "UPDATE exchange_exchange SET fee_micro = fee_micro + 5, credit_micro = credit_micro - 5 RETURNING id"
    exchange_id = await superuser.fetchval(changed)
    airline = network.brand_id("airline")
    expected = {
        (exchange_id, OPERATOR_ID, Code.FEE, 1_500_005, 1_500_000),
        (exchange_id, airline, Code.POSITION_CREDIT, 148_499_995, 148_500_000),
        (None, OPERATOR_ID, Code.FEE, 1_500_005, 1_500_000),
        (None, airline, Code.POSITION_CREDIT, 148_499_995, 148_500_000),
    }
    found = await differences(database)
    assert {(it.reference, it.participant_id, it.code, it.expected, it.posted) for it in found} == expected


async def test_a_redemption_and_a_grant_that_say_something_else(database: Database, superuser: Connection) -> None:
    network = await busy(database)
    redemption = await superuser.fetchval("UPDATE rights_redemption SET settlement_micro = 79000000 RETURNING id")
    grant = await superuser.fetchval("UPDATE rights_grant SET funding_micro = 91000000 RETURNING id")
    hotel, airline = network.brand_id("hotel"), network.brand_id("airline")
    expected = {
        (redemption, hotel, Code.RIGHT_SETTLEMENT, -79_000_000, -80_000_000),
        (redemption, airline, Code.RIGHT_SETTLEMENT, 79_000_000, 80_000_000),
        (grant, hotel, Code.RIGHT_FUNDING, 91_000_000, 90_000_000),
        (grant, airline, Code.RIGHT_FUNDING, -91_000_000, -90_000_000),
    }
    found = await differences(database)
    assert {(it.reference, it.participant_id, it.code, it.expected, it.posted) for it in found} == expected


async def test_a_posting_without_a_record(database: Database) -> None:
    """Money that moved for nothing is named with both ends."""
    network = await busy(database)
    hotel, airline = (network.directory.brands[network.brand_id(code)] for code in ("hotel", "airline"))
    stray = Transfer(
        *(new_id(), position_account(hotel).id, position_account(airline).id, 7, Code.RIGHT_SETTLEMENT),
        reference=new_id(),
    )
    async with database.transaction() as connection:
        (outcome,) = await post(connection, [stray], clock=database.clock)
    assert outcome.ok
    assert set(await differences(database)) == {
        Difference(stray.reference, hotel.id, Code.RIGHT_SETTLEMENT, 0, -7),
        Difference(stray.reference, airline.id, Code.RIGHT_SETTLEMENT, 0, 7),
    }


async def test_an_exchange_that_was_never_posted(database: Database, superuser: Connection) -> None:
    """A record without lines shows in the sums."""
    network = await busy(database)
    await superuser.execute(
        "CREATE TEMP TABLE copy AS SELECT * FROM exchange_exchange; "
        "UPDATE copy SET id = gen_random_uuid(), quote_id = gen_random_uuid(), idempotency_key = 'never posted'; "
        "INSERT INTO exchange_exchange SELECT * FROM copy"
    )
    hotel, airline = network.brand_id("hotel"), network.brand_id("airline")
    assert set(await differences(database)) == {
        Difference(None, hotel, Code.POSITION_DEBIT, -300_000_000, -150_000_000),
        Difference(None, airline, Code.POSITION_CREDIT, 297_000_000, 148_500_000),
        Difference(None, OPERATOR_ID, Code.FEE, 3_000_000, 1_500_000),
    }
