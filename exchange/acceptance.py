"""Turning quotes into exchanges: a bulk in one commit, each exchange whole or not at all.

An exchange is stored, a refusal is not. So a key that is sent again after an exchange brings that exchange for ever,
and a key that is sent again after a refusal is judged anew: a member who was short of points, earns some and taps
again gets the exchange. What is final by itself (an expired or used quote) is refused the same way each time.
"""

from collections.abc import Sequence
from datetime import date

from brands import keep_models
from core.clock import Clock
from core.database import Connection, Database
from core.ids import new_id
from core.refusals import KeyUnusable, key_usable
from exchange.docket import Docket, Verdict
from exchange.errors import AcceptanceRefusal
from exchange.exchange_rows import write_exchanges
from exchange.exchanges import Acceptance, Exchange
from exchange.facts import open_docket
from exchange.legs import Intent
from exchange.ports import SILENT, Outbox
from exchange.posting import post_intents
from exchange.saga.judging import external
from exchange.saga.opening import open_sagas

_ROUND_MAX = 1_000
"""Exchanges that are posted at a time: six transfers each stay within the ledger's largest batch."""


async def accept(
    database: Database, acceptance: Acceptance, *, outbox: Outbox = SILENT
) -> Exchange | AcceptanceRefusal:
    """One exchange; see `accept_many`."""
    return (await accept_many(database, [acceptance], outbox=outbox))[0]


async def accept_many(
    database: Database, acceptances: Sequence[Acceptance], *, outbox: Outbox = SILENT
) -> list[Exchange | AcceptanceRefusal]:
    """An exchange or a refusal for each acceptance, in order, in one commit, as if they had come one by one."""
    usable = [acceptance for acceptance in acceptances if key_usable(acceptance.idempotency_key)]
    if not usable:
        return [KeyUnusable() for _ in acceptances]
    async with database.transaction() as connection:
        verdicts = iter(await _accept(connection, usable, database.clock, outbox))
    return [next(verdicts) if key_usable(one.idempotency_key) else KeyUnusable() for one in acceptances]


async def _accept(
    connection: Connection, acceptances: Sequence[Acceptance], clock: Clock, outbox: Outbox
) -> list[Verdict]:
    docket = await open_docket(connection, acceptances, clock)
    while positions := docket.next_round()[:_ROUND_MAX]:
        intents = [_intent(docket, acceptances[position]) for position in positions]
        docket.settle(positions, await post_intents(connection, docket.facts.directory, intents, clock))
    if docket.made:
        await write_exchanges(connection, [_counted(docket, exchange) for exchange in docket.made])
        await keep_models(connection, {made.id: _model(docket, made) for made in docket.made})
        await open_sagas(connection, docket.facts.directory, docket.made, docket.facts.now)
        await outbox.exchanged(connection, docket.made)
    return [docket.verdicts[position] for position in range(len(acceptances))]


def _intent(docket: Docket, acceptance: Acceptance) -> Intent:
    # A new id for each attempt: what the ledger refused once under an id, it refuses for ever.
    quote = docket.quote_of(acceptance)
    source, target = docket.facts.program_of(quote.source), docket.facts.program_of(quote.target)
    return Intent(
        new_id(),
        quote,
        acceptance.idempotency_key,
        source.participant_id,
        target.participant_id,
        target.expires_at(docket.facts.now),
        docket.facts.directory.settlement_model(source.participant_id, target.participant_id),
        held=external(source) or external(target),
    )


def _model(docket: Docket, exchange: Exchange) -> str:
    return docket.facts.directory.settlement_model(exchange.source_participant_id, exchange.target_participant_id)


def _counted(docket: Docket, exchange: Exchange) -> tuple[Exchange, date, date]:
    """With the days on which it was judged: a posting that comes after midnight does not move it."""
    source, target = docket.facts.program_of(exchange.source), docket.facts.program_of(exchange.target)
    return exchange, docket.limits.spans(source)[0].starts_on, docket.limits.spans(target)[0].starts_on
