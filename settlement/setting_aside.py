"""What creditors will be paid, set aside so that nobody can spend it between the cut-off and the netting.

That is done under the lock of the cut-off. Where everything is set off, the amount is known then. Otherwise it is known
only when the lines have been read: all it can come to is held meanwhile, and exchanged for the amount in one commit.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from core.clock import Clock
from core.database import Connection
from ledger import Outcome, Part, Transfer, post, recorded_at
from settlement.figures import Position
from settlement.netting import FEN_MICRO
from settlement.postings import hold, hold_id, release_hold, reservation
from settlement.windows import Window


@dataclass(frozen=True, slots=True)
class Aside:
    """What is posted as the line of a cut-off is drawn, and what is written along with it."""

    transfers: Sequence[Transfer]
    along: Callable[[Sequence[Outcome]], Sequence[Part]]


def aside(window: Window, positions: Iterable[Position], along: Callable[[frozenset[UUID]], Sequence[Part]]) -> Aside:
    """What each creditor will be paid; `along` is told for which of them there was room."""
    creditors = [position for position in positions if position.settled > 0]
    transfers = [reservation(window, position) for position in creditors]
    return Aside(transfers, lambda outcomes: along(_with_room(creditors, outcomes)))


def aside_at_most(window: Window, closings: Mapping[UUID, int], parts: Sequence[Part]) -> Aside:
    """All that each participant can come to be paid, as far as its position gives it.

    It can be more than its position shows: what has left it for exchanges that are not finished is owed to nobody yet,
    and what it owes each of the others is paid without what is less than a fen.
    """
    more = max(0, window.in_flight) + FEN_MICRO * len(closings)
    holds = [hold(window, who, closing + more) for who, closing in sorted(closings.items()) if closing + more > 0]
    return Aside(holds, lambda _: parts)


async def set_aside_exactly(
    connection: Connection, window: Window, positions: Sequence[Position], clock: Clock
) -> frozenset[UUID]:
    """What is held becomes what each creditor will be paid; the creditors for whom there was room."""
    holds = {hold_id(window.id, position.participant_id): position for position in positions}
    held = [release_hold(window, holds[key].participant_id) for key in await recorded_at(connection, holds)]
    creditors = [position for position in positions if position.settled > 0]
    outcomes = await post(connection, [*held, *(reservation(window, it) for it in creditors)], clock=clock)
    return _with_room(creditors, outcomes[len(held) :])


def _with_room(creditors: Iterable[Position], outcomes: Iterable[Outcome]) -> frozenset[UUID]:
    found = zip(creditors, outcomes, strict=True)
    return frozenset(position.participant_id for position, outcome in found if outcome.ok)
