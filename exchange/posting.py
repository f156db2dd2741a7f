"""Posting exchanges, and saying in the words of this package why one was refused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Final
from uuid import UUID

from brands import Directory
from core.clock import Clock
from core.database import Connection
from core.errors import AgioError
from core.refusals import InsufficientPoints, NetDebitCapReached
from exchange.docket import Posted
from exchange.exchanges import Exchange
from exchange.legs import Books, Intent, Leg
from exchange.saga.postings import SagaBooks
from exchange.states import State
from ledger import Outcome, Part, Status, Transfer, headrooms, post, spendable

_EXPECTED = frozenset(
    {
        (Leg.SOURCE, Status.EXCEEDS_CREDITS),
        (Leg.SOURCE, Status.EXCEEDS_SPENDABLE),
        (Leg.POSITION_DEBIT, Status.EXCEEDS_CREDITS),
    }
)
"""What a member may cause. Anything else means that the books or this package are wrong."""


UNRECORDED: Final = datetime.fromtimestamp(0, UTC)
"""When an exchange was accepted that is not posted yet."""


class PostingFailed(AgioError):
    """The ledger refused a leg for a reason that no request should cause."""

    def __init__(self, intent: Intent, leg: Leg, status: Status) -> None:
        super().__init__(f"exchange of quote {intent.quote.id}: {leg} is {status}")


@dataclass(frozen=True, slots=True)
class _Refused:
    intent: Intent
    leg: Leg
    account_id: UUID
    """What the refused leg would have debited."""


async def post_intents(
    connection: Connection,
    directory: Directory,
    intents: Sequence[Intent],
    clock: Clock,
    along: Callable[[Sequence[Exchange]], Sequence[Part]] = lambda _: (),
) -> list[Posted]:
    """Post each intent, of which there is at least one, as a linked group, in order. Raises PostingFailed.

    What `along` makes of the exchanges is written by the same statement.
    """
    books = Books(directory)
    held = SagaBooks(directory, {intent.id: intent.model for intent in intents if intent.held})
    groups = [held.hold(_exchange(intent, UNRECORDED)) if intent.held else books.legs(intent) for intent in intents]
    transfers = [transfer for group in groups for transfer in group]
    results: list[Exchange | _Refused] = []

    def exchanged(outcomes: Sequence[Outcome]) -> Sequence[Part]:
        rest = iter(outcomes)
        results.extend(
            _result(intent, group, list(islice(rest, len(group))))
            for intent, group in zip(intents, groups, strict=True)
        )
        return along([result for result in results if isinstance(result, Exchange)])

    await post(connection, transfers, accounts=[*books.accounts, *held.accounts], clock=clock, along=exchanged)
    return await _explained(connection, directory, results, clock)


def _result(intent: Intent, group: Sequence[Transfer], outcomes: Sequence[Outcome]) -> Exchange | _Refused:
    if not outcomes[0].ok:  # linked: all of them or none
        for leg, transfer, outcome in zip(Leg, group, outcomes, strict=False):
            if outcome.status is not Status.LINKED_FAILED:
                return _refused(intent, leg, transfer, outcome.status)
    recorded_at = outcomes[0].recorded_at
    assert recorded_at is not None, "what is posted was recorded"
    return _exchange(intent, recorded_at)


def _refused(intent: Intent, leg: Leg, transfer: Transfer, status: Status) -> _Refused:
    if (leg, status) not in _EXPECTED:
        raise PostingFailed(intent, leg, status)
    return _Refused(intent, leg, transfer.debit_account_id)


def _exchange(intent: Intent, recorded_at: datetime) -> Exchange:
    quote = intent.quote
    return Exchange(
        intent.id,
        quote.id,
        quote.member_id,
        intent.idempotency_key,
        quote.source,
        quote.target,
        quote.conversion,
        intent.source_participant_id,
        intent.target_participant_id,
        State.HELD if intent.held else State.COMPLETED,
        intent.target_expires_at,
        recorded_at,
    )


async def _explained(
    connection: Connection, directory: Directory, results: Sequence[Exchange | _Refused], clock: Clock
) -> list[Posted]:
    refused = [result for result in results if isinstance(result, _Refused)]
    if not refused:
        return [result for result in results if isinstance(result, Exchange)]
    short = [result.account_id for result in refused if result.leg is Leg.SOURCE]
    capped = [result.account_id for result in refused if result.leg is Leg.POSITION_DEBIT]
    points = await spendable(connection, short, clock=clock)
    means = {**points, **await headrooms(connection, capped)}
    return [
        result if isinstance(result, Exchange) else _refusal(result, directory, means[result.account_id])
        for result in results
    ]


def _refusal(refused: _Refused, directory: Directory, means: int) -> InsufficientPoints | NetDebitCapReached:
    conversion = refused.intent.quote.conversion
    if refused.leg is Leg.SOURCE:
        return InsufficientPoints(conversion.source, means)
    participant = directory.brands[refused.intent.source_participant_id]
    return NetDebitCapReached(participant.id, conversion.value_micro, max(means, 0))
