"""What creditors will be paid, set aside so that nobody can spend it between the cut-off and the netting.

That is done under the lock of the cut-off. Where everything is set off, the amount is known then. Otherwise it is known
only when the lines have been read: all it can come to is held meanwhile, and exchanged for the amount in one commit.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from core.clock import Clock
from core.database import Connection
from ledger import post, recorded_at
from settlement.figures import Position
from settlement.netting import FEN_MICRO
from settlement.postings import hold, hold_id, release_hold, reservation
from settlement.windows import Window


async def set_aside(
    connection: Connection, window: Window, positions: Iterable[Position], clock: Clock
) -> frozenset[UUID]:
    """Set aside what each creditor will be paid; the creditors for whom there was room."""
    creditors = [position for position in positions if position.settled > 0]
    outcomes = await post(connection, [reservation(window, position) for position in creditors], clock=clock)
    return frozenset(p.participant_id for p, outcome in zip(creditors, outcomes, strict=True) if outcome.ok)


async def set_aside_at_most(connection: Connection, window: Window, closings: Mapping[UUID, int], clock: Clock) -> None:
    """Hold all that each participant can come to be paid, as far as its position gives it.

    It can be more than its position shows: what has left it for exchanges that are not finished is owed to nobody yet,
    and what it owes each of the others is paid without what is less than a fen.
    """
    more = max(0, window.in_flight) + FEN_MICRO * len(closings)
    holds = [hold(window, who, closing + more) for who, closing in sorted(closings.items()) if closing + more > 0]
    await post(connection, holds, clock=clock)


async def set_aside_exactly(
    connection: Connection, window: Window, positions: Sequence[Position], clock: Clock
) -> frozenset[UUID]:
    """What is held becomes what each creditor will be paid; the creditors for whom there was room."""
    holds = {hold_id(window.id, position.participant_id): position for position in positions}
    held = [release_hold(window, holds[key].participant_id) for key in await recorded_at(connection, holds)]
    creditors = [position for position in positions if position.settled > 0]
    outcomes = await post(connection, [*held, *(reservation(window, it) for it in creditors)], clock=clock)
    found = zip(creditors, outcomes[len(held) :], strict=True)
    return frozenset(position.participant_id for position, outcome in found if outcome.ok)
