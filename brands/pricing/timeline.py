"""Putting a new price between those that are there: pure, no gap and no overlap."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from brands.prices import Prices
from brands.rate import Rate, dated


@dataclass(frozen=True, slots=True)
class Placed:
    """What changes on a timeline."""

    ended: tuple[Rate, ...]
    """Rates that were there, as they are from now on."""
    added: tuple[Rate, ...]
    """The new rate, and after it, if it is to end before the one it interrupts, that one again as a further version."""

    def on(self, prices: Prices) -> Prices:
        """All prices with these changes."""
        changed = {rate.id: rate for rate in self.ended}
        kept = (changed.get(rate.id, rate) for timeline in prices.timelines.values() for rate in timeline)
        return Prices.of((*kept, *self.added), prices.pauses)


def place(rates: Iterable[Rate], new: Rate) -> Placed:
    """Put `new`, whose version follows all of `rates`, onto their timeline."""
    there = sorted(rates, key=lambda rate: rate.valid_from)
    interrupted = [rate for rate in there if rate.holds_at(new.valid_from)]
    ended = tuple(replace(rate, valid_to=new.valid_from) for rate in interrupted)
    following = min((rate.valid_from for rate in there if rate.valid_from > new.valid_from), default=None)
    until = _earlier(new.valid_to, following)
    first = _bounded(new, new, new.valid_from, until)
    if not interrupted or new.valid_to is None or until != new.valid_to or until == following:
        return Placed(ended, (first,))
    back = interrupted[-1]
    if back.valid_to is not None and back.valid_to <= new.valid_to:
        return Placed(ended, (first,))
    return Placed(ended, (first, _again(back, new, _earlier(back.valid_to, following))))


def cut(rates: Iterable[Rate], instant: datetime) -> Placed:
    """End everything on a timeline at `instant`; what had not begun by then never does."""
    left = (rate for rate in rates if rate.holds_after(instant))
    return Placed(tuple(replace(rate, valid_to=max(rate.valid_from, instant)) for rate in left), ())


def _again(back: Rate, new: Rate, until: datetime | None) -> Rate:
    assert new.valid_to is not None, "only an interruption that ends is followed by what it interrupted"
    return _bounded(back, new, new.valid_to, until, version=new.version + 1)


def _bounded(terms: Rate, new: Rate, begin: datetime, until: datetime | None, *, version: int | None = None) -> Rate:
    return dated(
        terms.terms,
        program_id=new.program_id,
        target_id=new.target_id,
        version=version or new.version,
        valid_from=begin,
        valid_to=until,
        submitted_by=new.submitted_by,
        approved_by=new.approved_by,
    )


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    known = [instant for instant in (one, other) if instant is not None]
    return min(known) if known else None
