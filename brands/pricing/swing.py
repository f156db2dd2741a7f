"""How far a price moves, and what is paused when it moves too far."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from brands.prices import Pause, Prices
from brands.rate import BASIS_POINTS, Rate, Terms
from core.ids import new_id


def reference(prices: Prices, program_id: UUID, target_id: UUID | None, instant: datetime) -> Terms | None:
    """What a new price is compared with: the one in force; for a pair without any what its programs ask."""
    found = prices.in_force((program_id, target_id), instant)
    if found is not None or target_id is None:
        return found
    source, target = prices.rate(program_id, instant), prices.rate(target_id, instant)
    return Terms(source.sell_micro, target.buy_micro, source.fee_bp) if source and target else None


def widest_move_bp(before: Terms | None, after: Terms) -> int:
    """By how much of `before` the price that moves further moves, in basis points, rounded up."""
    return 0 if before is None else max(_moves(before, after))


def pauses(before: Terms | None, new: Rate, threshold_bp: int) -> Iterator[Pause]:
    """What stops because it moves by more than the threshold: the pair, or all exchanges out of or into the program."""
    if before is None:
        return
    sold, bought = _moves(before, new)
    if new.target_id is not None and max(sold, bought) > threshold_bp:
        yield _pause(new.program_id, new.target_id, max(sold, bought), new)
    if new.target_id is None and sold > threshold_bp:
        yield _pause(new.program_id, None, sold, new)
    if new.target_id is None and bought > threshold_bp:
        yield _pause(None, new.program_id, bought, new)


def _pause(source_id: UUID | None, target_id: UUID | None, moved_bp: int, new: Rate) -> Pause:
    return Pause(new_id(), source_id, target_id, moved_bp, f"the price moved by {moved_bp} bp", new.valid_from)


def _moves(before: Terms, after: Terms) -> tuple[int, int]:
    return _move(before.sell_micro, after.sell_micro), _move(before.buy_micro, after.buy_micro)


def _move(before: int, after: int) -> int:
    return -(-abs(after - before) * BASIS_POINTS // before)
