"""What a person might look at first: pairs of lines that nearly fit. A suggestion alone never matches anything."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from settlement.reconciliation.line import Line

SUGGESTIONS_MAX: Final = 3
"""For one line."""

DAYS_MAX: Final = 7
_SHARE: Final = 20
"""Amounts at most a twentieth apart."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two lines of one member that nearly fit, by key."""

    ours: str
    theirs: str


def suggest(ours: Iterable[Line], theirs: Iterable[Line]) -> list[Suggestion]:
    """For each of our lines the brand's nearest ones: same member, asset and sign, amount and day nearly the same."""
    groups: dict[tuple[str, str, bool], list[Line]] = {}
    for line in theirs:
        if line.member:
            groups.setdefault((line.member, line.asset, line.gains), []).append(line)
    for group in groups.values():
        group.sort(key=_place)
    return [
        Suggestion(line.key, near.key)
        for line in sorted(ours, key=lambda line: line.key)
        for near in _nearest(line, groups.get((line.member, line.asset, line.gains), []))
    ]


def _nearest(line: Line, group: list[Line]) -> Iterator[Line]:
    """The neighbours by amount; a long group is not walked through."""
    place = bisect_left(group, _place(line), key=_place)
    around = group[max(0, place - SUGGESTIONS_MAX) : place + SUGGESTIONS_MAX]
    fitting = [near for near in around if _fits(line, near)]
    yield from sorted(fitting, key=lambda near: _distance(line, near))[:SUGGESTIONS_MAX]


def _fits(line: Line, near: Line) -> bool:
    amount, days, _ = _distance(line, near)
    return amount * _SHARE <= abs(line.amount) and days <= DAYS_MAX


def _distance(line: Line, near: Line) -> tuple[int, int, str]:
    return abs(line.amount - near.amount), abs((line.day - near.day).days), near.key


def _place(line: Line) -> tuple[int, str]:
    return line.amount, line.key
