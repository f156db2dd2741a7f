"""Turning quotes into exchanges: a bulk in one commit, each exchange whole or not at all.

An exchange is stored, a refusal is not. So a key that is sent again after an exchange brings that exchange for ever,
and a key that is sent again after a refusal is judged anew: a member who was short of points, earns some and taps
again gets the exchange. What is final by itself (an expired or used quote) is refused the same way each time.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from brands import NETWORK_MODEL, Directory, keep_models
from core.clock import Clock
from core.database import Connection, Database
from core.ids import new_id
from core.refusals import KeyUnusable, key_usable
from exchange.docket import Docket
from exchange.docket_rows import MembersMoved
from exchange.errors import AcceptanceRefusal
from exchange.exchange_rows import exchange_parts
from exchange.exchanges import Acceptance, Exchange
from exchange.facts import open_docket
from exchange.legs import Intent
from exchange.offers import Quote
from exchange.ports import SILENT, Outbox
from exchange.posting import post_intents
from exchange.saga.judging import external
from exchange.saga.opening import open_sagas
from ledger import Part


class Answered(NamedTuple):
    """What became of an acceptance."""

    verdict: Exchange | AcceptanceRefusal
    directory: Directory | None
    """By which it was judged; None where nothing had to be looked at."""


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
    return [answered.verdict for answered in await answer_many(database, acceptances, outbox=outbox)]


async def answer_many(
    database: Database, acceptances: Sequence[Acceptance], *, outbox: Outbox = SILENT
) -> list[Answered]:
    """The same, with the directory that the verdicts go by: who shows them need not read it again for each."""
    usable = [acceptance for acceptance in acceptances if key_usable(acceptance.idempotency_key)]
    if not usable:
        return [Answered(KeyUnusable(), None) for _ in acceptances]
    docket = await _accepted(database, usable, outbox)
    verdicts = iter([docket.verdicts[position] for position in range(len(usable))])
    known = docket.facts.directory
    return [
        Answered(next(verdicts) if key_usable(acceptance.idempotency_key) else KeyUnusable(), known)
        for acceptance in acceptances
    ]


async def _accepted(database: Database, acceptances: Sequence[Acceptance], outbox: Outbox) -> Docket:
    while True:
        with suppress(MembersMoved):
            async with database.transaction() as connection:
                return await _accept(connection, acceptances, database.clock, outbox)


async def _accept(connection: Connection, acceptances: Sequence[Acceptance], clock: Clock, outbox: Outbox) -> Docket:
    docket = await open_docket(connection, acceptances, clock)
    ways = _Ways(docket)

    def along(made: Sequence[Exchange]) -> Sequence[Part]:
        return exchange_parts(made, _days(docket, made)) if made else ()

    models: dict[UUID, str] = {}
    while positions := docket.next_round()[:_ROUND_MAX]:
        intents = [ways.intent(acceptances[position]) for position in positions]
        models.update((intent.id, intent.model) for intent in intents if intent.model != NETWORK_MODEL)
        docket.settle(positions, await post_intents(connection, docket.facts.directory, intents, clock, along))
    if docket.made:
        await keep_models(connection, {made.id: models.get(made.id, NETWORK_MODEL) for made in docket.made})
        await open_sagas(connection, docket.facts.directory, docket.made, docket.facts.now)
        await outbox.exchanged(connection, docket.made)
    return docket


class _Way(NamedTuple):
    """What exchanges from one program into another have in common at one instant, in the order of `Intent`'s fields."""

    source_participant_id: UUID
    target_participant_id: UUID
    target_expires_at: datetime | None
    model: str
    held: bool


class _Ways:
    """Makes intents; a batch asks for the same few pairs of programs again and again."""

    def __init__(self, docket: Docket) -> None:
        self._docket = docket
        self._known: dict[tuple[UUID, UUID], _Way] = {}

    def intent(self, acceptance: Acceptance) -> Intent:
        """What is about to be posted."""
        # A new id for each attempt: what the ledger refused once under an id, it refuses for ever.
        quote = self._docket.quote_of(acceptance)
        pair = quote.source.program_id, quote.target.program_id
        way = self._known.get(pair)
        if way is None:
            way = self._known[pair] = self._way(quote)
        return Intent(new_id(), quote, acceptance.idempotency_key, *way)

    def _way(self, quote: Quote) -> _Way:
        facts = self._docket.facts
        source, target = facts.program_of(quote.source), facts.program_of(quote.target)
        return _Way(
            source.participant_id,
            target.participant_id,
            target.expires_at(facts.now),
            facts.directory.settlement_model(source.participant_id, target.participant_id),
            external(source) or external(target),
        )


def _days(docket: Docket, exchanges: Sequence[Exchange]) -> dict[UUID, date]:
    """By program: the day on which the batch was judged. A posting that comes after midnight does not move it."""
    programs = docket.facts.directory.programs
    named = {side.program_id for made in exchanges for side in (made.source, made.target)}
    return {program_id: docket.limits.spans(programs[program_id])[0].starts_on for program_id in named}
