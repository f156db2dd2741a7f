"""The rules that match one line with the sum of several."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from settlement.reconciliation.line import NONE, Line
from settlement.reconciliation.rules import Found, Rule, Tolerances

PARTS_MIN: Final = 2

_Key: TypeAlias = tuple[object, ...]


def splits(ours: Sequence[Line], theirs: Sequence[Line], tolerances: Tolerances) -> Iterator[Found]:
    """One of ours that is all lines of the brand that give its reference."""
    parts = _grouped((line for line in theirs if line.reference), _named)
    for key, wholes in _grouped(ours, _named).items():
        if len(wholes) == 1 and len(parts.get(key, ())) >= PARTS_MIN:
            found = Found(Rule.SPLIT, (wholes[0],), _ordered(parts[key]))
            if _agrees(found, tolerances):
                yield found


def batches(ours: Sequence[Line], theirs: Sequence[Line], tolerances: Tolerances) -> Iterator[Found]:
    """A line of the brand that names nothing and nobody, and all that is left of ours on its day."""
    parts = _grouped(ours, _dated)
    sums = _grouped((line for line in theirs if not line.reference and not line.member), _dated)
    for key, wholes in sums.items():
        if len(wholes) == 1 and len(parts.get(key, ())) >= PARTS_MIN:
            found = Found(Rule.BATCH, _ordered(parts[key]), (wholes[0],))
            if _agrees(found, tolerances):
                yield found


def _agrees(found: Found, tolerances: Tolerances) -> bool:
    tolerance = tolerances.get(found.ours[0].asset, NONE)
    return abs(found.difference) <= tolerance.slack(sum(line.amount for line in found.ours))


def _grouped(lines: Iterable[Line], key: Callable[[Line], _Key]) -> dict[_Key, list[Line]]:
    groups: dict[_Key, list[Line]] = {}
    for line in lines:
        groups.setdefault(key(line), []).append(line)
    return groups


def _named(line: Line) -> _Key:
    return line.reference, line.asset, line.gains


def _dated(line: Line) -> _Key:
    return line.day, line.asset, line.gains


def _ordered(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: line.key))
