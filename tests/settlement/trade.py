"""What brands and members do between two windows, and the people of finance."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from brands import OPERATOR_ID
from brands.accounts import (
    bank_account,
    break_disputed_account,
    due_account,
    operator_position_account,
    owed_account,
    position_account,
)
from core.database import Database
from core.ids import new_id
from exchange import Acceptance, Exchange, QuoteRequest, accept_many, quote_many
from exchange.offers import Quote
from ledger import balances
from rights import Claim, Grant, Redeemed, Redemption, RightCode, claim, redeem, right_code
from settlement import (
    Actor,
    Advice,
    Overview,
    TwoPersonsNeeded,
    Window,
    abort,
    advise,
    approve,
    close,
    decide,
    net,
    overview,
    propose_abort,
    reconcile,
    submit,
)
from settlement.cash import Proposal, Verdict
from settlement.cash.postings import funds_account, suspense_account
from tests.network import Network, Person

MAKER = Actor("maker-7")
CHECKER = Actor("checker-3")
ROOT_KEY = bytes(32)


async def trade(network: Network, *orders: tuple[Person, str, str, int]) -> list[Exchange]:
    """Exchange points: (who, source, target, minor units)."""
    wishes = [QuoteRequest(person.id, source, target, amount) for person, source, target, amount in orders]
    answers = await quote_many(network.database, wishes)
    quotes = [quote for quote in answers if isinstance(quote, Quote)]
    assert len(quotes) == len(orders), [answer for answer in answers if not isinstance(answer, Quote)]
    acceptances = [Acceptance(quote.id, quote.member_id, str(new_id())) for quote in quotes]
    done = [found for found in await accept_many(network.database, acceptances) if isinstance(found, Exchange)]
    assert len(done) == len(orders)
    return done


async def claim_lounge(network: Network, person: Person, program: str) -> Grant:
    """Buy a lounge visit with points of `program`."""
    granted = await claim(network.database, Claim(person.id, "lounge", str(new_id()), program))
    assert isinstance(granted, Grant), granted
    return granted


async def visit_lounge(network: Network, person: Person, grant: Grant) -> Redeemed:
    """Show the code at the airline's lounge."""
    database = network.database
    async with database.connection() as connection:
        code = await right_code(connection, ROOT_KEY, person.id, grant.id, clock=database.clock)
    assert isinstance(code, RightCode), code
    brand = network.brand_id("airline-lounge")
    redeemed = await redeem(database, ROOT_KEY, Redemption(code.text, brand, "airline-door", str(new_id())))
    assert isinstance(redeemed, Redeemed), redeemed
    return redeemed


async def to_closed(database: Database) -> Window:
    """Close the open window."""
    return done(await close(database, MAKER))


async def to_netted(database: Database) -> Window:
    """Close, reconcile and net."""
    window = await to_closed(database)
    done(await reconcile(database, window.id, MAKER))
    return done(await net(database, window.id, MAKER))


async def to_approved(database: Database) -> Window:
    """The same, then both persons."""
    window = await to_netted(database)
    done(await submit(database, window.id, MAKER, reason="month end"))
    digest = (await seen(database, window.id)).approvals[-1].digest
    return done(await approve(database, window.id, CHECKER, digest=digest, reason="compared with the books"))


async def to_advised(database: Database, folder: Path) -> Advice:
    """The same, then the statements."""
    window = await to_approved(database)
    advice = await advise(database, window.id, MAKER, folder=folder)
    assert isinstance(advice, Advice), advice
    return advice


async def given_up(database: Database, window: Window, *, reason: str) -> Window:
    """Abort a window, by two persons where two have approved it."""
    answer = await abort(database, window.id, CHECKER, reason=reason)
    if not isinstance(answer, TwoPersonsNeeded):
        return done(answer)
    proposed = await propose_abort(database, window.id, MAKER, reason=reason)
    assert isinstance(proposed, Proposal), proposed
    await approved(database, proposed)
    return (await seen(database, window.id)).window


async def approved(database: Database, proposed: object) -> Proposal:
    """The second person approves a proposal, having seen it."""
    assert isinstance(proposed, Proposal), proposed
    decided = await decide(
        database, proposed.id, CHECKER, Verdict.APPROVED, digest=proposed.digest, reason="compared with the papers"
    )
    assert isinstance(decided, Proposal), decided
    return decided


def done(answer: object) -> Window:
    """The window, when the step was taken."""
    assert isinstance(answer, Window), answer
    return answer


async def seen(database: Database, window_id: UUID) -> Overview:
    """The window's overview."""
    found = await overview(database, window_id)
    assert isinstance(found, Overview), found
    return found


async def money(network: Network) -> dict[str, int]:
    """Every account of the settlement that is not empty, as `purpose of participant`; micro-CNY, credits positive."""
    people = {brand.id: brand.code for brand in network.directory.participants()} | {OPERATOR_ID: "operator"}
    accounts = {operator_position_account().id: "position of operator", bank_account().id: "bank"}
    accounts |= {suspense_account().id: "suspense", funds_account().id: "funds"}
    accounts |= {position_account(brand).id: f"position of {brand.code}" for brand in network.directory.participants()}
    accounts |= {due_account(who).id: f"due of {code}" for who, code in people.items()}
    accounts |= {owed_account(who).id: f"owed to {code}" for who, code in people.items()}
    accounts |= {break_disputed_account(who).id: f"break_disputed of {code}" for who, code in people.items()}
    async with network.database.connection() as connection:
        found = await balances(connection, list(accounts))
    return {accounts[key]: balance.net_credit for key, balance in found.items() if balance.net_credit}


def closings(overview: Overview) -> dict[str, int]:
    """Closing positions that are not zero, by the participant's name."""
    called = overview.names
    return {called[p.participant_id]: p.closing for p in overview.figures.positions if p.closing}


def pays(overview: Overview) -> Sequence[tuple[str, str, int]]:
    """The payments: (payer, payee, fen) by name."""
    called = overview.names
    return sorted((called[p.payer_id], called[p.payee_id], p.amount_fen) for p in overview.figures.payments)
