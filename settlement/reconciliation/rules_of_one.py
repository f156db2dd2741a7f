"""The rules that match one line with one line."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import chain, islice
from typing import Final, TypeAlias

from settlement.reconciliation.line import NONE, Line, Tolerance
from settlement.reconciliation.rules import Found, Rule, Tolerances

DAYS_APART: Final = (-1, 0, 1)
"""How many days later the brand may have booked."""

_Group: TypeAlias = tuple[list[Line], list[Line]]
_Places: TypeAlias = Mapping[tuple[object, ...], list[Line]]


def by_reference(ours: Sequence[Line], theirs: Sequence[Line], tolerances: Tolerances) -> Iterator[Found]:
    """Lines with our reference."""
    for pair in _pairs(ours, theirs, _reference, tolerances):
        yield Found(Rule.REFERENCE, *pair)


def by_brand_reference(ours: Sequence[Line], theirs: Sequence[Line], tolerances: Tolerances) -> Iterator[Found]:
    """Lines with the brand's reference, where the brand does not name ours."""
    free = [line for line in theirs if not line.reference]
    for pair in _pairs(ours, free, _brand_reference, tolerances):
        yield Found(Rule.BRAND_REFERENCE, *pair)


def by_member(ours: Sequence[Line], theirs: Sequence[Line], tolerances: Tolerances) -> Iterator[Found]:
    """Lines of one member, amount and day or the next, unless each has a reference of the brand's."""
    del tolerances  # without a reference, only the very amount says that it is the same thing
    free = [line for line in theirs if not line.reference]
    here, there = _placed(ours), _placed(free)
    for line in ours:
        candidates = _near(line, there)
        if len(candidates) == 1 and len(_near(candidates[0], here)) == 1:
            yield Found(Rule.MEMBER, (line,), (candidates[0],))


def _reference(line: Line) -> str:
    return line.reference


def _brand_reference(line: Line) -> str:
    return line.brand_reference


def _pairs(
    ours: Iterable[Line], theirs: Iterable[Line], named: Callable[[Line], str], tolerances: Tolerances
) -> Iterator[tuple[tuple[Line], tuple[Line]]]:
    """The pairs of which neither fits a third."""
    groups: dict[tuple[str, str, bool], _Group] = {}
    for line in ours:
        if name := named(line):
            groups.setdefault((name, line.asset, line.gains), ([], []))[0].append(line)
    for line in theirs:
        group = groups.get((named(line), line.asset, line.gains))
        if group is not None:
            group[1].append(line)
    for (_, asset, _), group in groups.items():
        yield from _pairs_within(*group, tolerances.get(asset, NONE))


def _pairs_within(
    ours: list[Line], theirs: list[Line], tolerance: Tolerance
) -> Iterator[tuple[tuple[Line], tuple[Line]]]:
    """The same within one name, asset and sign: bounds rise with the amounts, so that both sides can be searched."""
    if len(ours) == len(theirs) == 1:  # nearly always
        if abs(ours[0].amount - theirs[0].amount) <= tolerance.slack(ours[0].amount):
            yield (ours[0],), (theirs[0],)
        return
    ours.sort(key=_size)
    theirs.sort(key=_size)
    sizes = [_size(line) for line in theirs]
    lows = [_size(line) - tolerance.slack(line.amount) for line in ours]
    highs = [_size(line) + tolerance.slack(line.amount) for line in ours]
    for place, line in enumerate(ours):
        first, end = bisect_left(sizes, lows[place]), bisect_right(sizes, highs[place])
        if end - first == 1 and bisect_right(lows, sizes[first]) - bisect_left(highs, sizes[first]) == 1:
            yield (line,), (theirs[first],)


def _size(line: Line) -> int:
    return abs(line.amount)


def _placed(lines: Iterable[Line]) -> _Places:
    places: dict[tuple[object, ...], list[Line]] = {}
    for line in lines:
        if line.member:
            place = (line.member, line.asset, line.amount, line.day, bool(line.brand_reference))
            places.setdefault(place, []).append(line)
    return places


def _near(line: Line, places: _Places) -> list[Line]:
    """The lines on the other side that could be this one; two at most, since two are already too many."""
    named = (False,) if line.brand_reference else (False, True)
    found = (
        places.get((line.member, line.asset, line.amount, line.day + timedelta(days), reference), ())
        for days in DAYS_APART
        for reference in named
    )
    return list(islice(chain.from_iterable(found), 2))
