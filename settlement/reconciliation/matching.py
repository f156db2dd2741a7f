"""Which of our lines is which line of a brand's file. Pure: no database, no clock.

The rules are tried from the surest to the weakest, each on what the ones before it left:

1  REFERENCE        our reference, asset, sign, and the amount within the asset's tolerance
2  BRAND_REFERENCE  the brand's own reference, and the same; for brand lines without our reference
3  MEMBER           member, asset and exact amount, with days at most one apart; for brand lines without our reference
4  SPLIT            one of ours is all the brand's lines that give its reference, together
5  BATCH            a brand line that names nothing and nobody is all that is left of ours on that day, together

Whatever fits two lines fits none: a person decides. The order of the lines makes no difference.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from settlement.reconciliation.line import Line
from settlement.reconciliation.rules import Found, Tolerances
from settlement.reconciliation.rules_of_one import by_brand_reference, by_member, by_reference
from settlement.reconciliation.rules_of_sums import batches, splits


@dataclass(frozen=True, slots=True)
class Matching:
    """What belongs together, and what is left on either side, by key."""

    found: tuple[Found, ...]
    """In the order of the rules, then of our keys."""
    ours: tuple[Line, ...]
    theirs: tuple[Line, ...]


_Finder: TypeAlias = Callable[[Sequence[Line], Sequence[Line], Tolerances], Iterable[Found]]

_FINDERS: Final[Sequence[_Finder]] = (by_reference, by_brand_reference, by_member, splits, batches)


def match(ours: Iterable[Line], theirs: Iterable[Line], tolerances: Tolerances) -> Matching:
    """Match the lines of one program; assets without a tolerance have to agree exactly."""
    left, right = list(ours), list(theirs)
    found: list[Found] = []
    for finder in _FINDERS:
        step = sorted(finder(left, right, tolerances), key=_first_key)
        found += step
        left = _without(left, {line.key for it in step for line in it.ours})
        right = _without(right, {line.key for it in step for line in it.theirs})
    return Matching(tuple(found), tuple(sorted(left, key=_key)), tuple(sorted(right, key=_key)))


def _without(lines: list[Line], taken: Collection[str]) -> list[Line]:
    return [line for line in lines if line.key not in taken] if taken else lines


def _key(line: Line) -> str:
    return line.key


def _first_key(found: Found) -> str:
    return found.ours[0].key
