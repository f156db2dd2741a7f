"""What each participant owes each other, and what of it is set off. Pure: exact integers, no database, no clock.

For windows that are not netted multilaterally. An obligation runs from debtor to creditor; what is set off is taken
from it, the rest is paid in whole fen, and what is less than a fen is carried into the next window of the pair.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias
from uuid import UUID

from settlement.netting import FEN_MICRO
from settlement.terms import Netting, Terms

Pair: TypeAlias = tuple[UUID, UUID]
"""Debtor and creditor."""

NOTHING: Final[Mapping[Pair, int]] = {}


@dataclass(frozen=True, slots=True, order=True)
class Obligation:
    """What one owes another for a window, in micro-CNY: `opening + lines = set_off + settled + carried`."""

    debtor_id: UUID
    creditor_id: UUID
    opening: int
    """What the window before left of it."""
    lines: int
    """What the window's lines add; negative when more was taken back than was new."""
    set_off: int
    """Against what the creditor owes the debtor, and around closed loops; negative when it adds what was taken back."""
    settled: int
    """Paid, in whole fen."""
    carried: int
    """What opens the next window."""


def obligations(carried: Mapping[Pair, int], lines: Mapping[Pair, int], terms: Terms) -> list[Obligation]:
    """The obligations of a window, by debtor and creditor."""
    pairs = sorted(pair for pair in carried.keys() | lines.keys() if carried.get(pair) or lines.get(pair))
    totals = {pair: carried.get(pair, 0) + lines.get(pair, 0) for pair in _both_directions(pairs)}
    left = _set_off_directions(totals, terms.netting)
    if terms.set_off_loops:
        left = without_loops(left)
    return [_obligation(pair, carried.get(pair, 0), lines.get(pair, 0), left[pair]) for pair in sorted(totals)]


def without_loops(owed: Mapping[Pair, int]) -> dict[Pair, int]:
    """The same with every closed loop set off: nobody's net changes, and no loop is left.

    The same obligations always give the same answer: loops are looked for from the smallest debtor on.
    """
    left = dict(owed)
    for start in sorted({debtor for debtor, _ in left}):
        while loop := _loop_through(left, start):
            least = min(left[pair] for pair in loop)
            for pair in loop:
                left[pair] -= least
    return left


def settled_nets(found: Iterable[Obligation]) -> tuple[dict[UUID, int], dict[UUID, int]]:
    """What each debtor pays in all, and what each creditor is paid."""
    pays: dict[UUID, int] = {}
    is_paid: dict[UUID, int] = {}
    for it in found:
        pays[it.debtor_id] = pays.get(it.debtor_id, 0) + it.settled
        is_paid[it.creditor_id] = is_paid.get(it.creditor_id, 0) + it.settled
    return pays, is_paid


def _both_directions(pairs: Iterable[Pair]) -> Iterator[Pair]:
    for debtor, creditor in pairs:
        yield debtor, creditor
        yield creditor, debtor


def _set_off_directions(totals: Mapping[Pair, int], netting: Netting) -> dict[Pair, int]:
    """What is left of each direction, none negative: gross ones give way only to what was taken back."""
    left = dict(totals)
    for (debtor, creditor), total in totals.items():
        least = min(total, totals[creditor, debtor])
        left[debtor, creditor] = total - (least if netting is not Netting.GROSS else min(0, least))
    return left


def _loop_through(left: Mapping[Pair, int], start: UUID) -> list[Pair]:
    """The shortest closed loop through `start`, the smallest ids first; empty: there is none."""
    creditors: dict[UUID, list[UUID]] = {}
    for debtor, creditor in sorted(pair for pair, amount in left.items() if amount > 0):
        creditors.setdefault(debtor, []).append(creditor)
    reached: dict[UUID, UUID] = {}
    waiting = [start]
    for debtor in waiting:
        for creditor in creditors.get(debtor, ()):
            if creditor == start:
                return _path(reached, start, debtor)
            if creditor not in reached:
                reached[creditor] = debtor
                waiting.append(creditor)
    return []


def _path(reached: Mapping[UUID, UUID], start: UUID, last: UUID) -> list[Pair]:
    loop, at = [(last, start)], last
    while at != start:
        loop.append((reached[at], at))
        at = reached[at]
    return loop


def _obligation(pair: Pair, opening: int, lines: int, left: int) -> Obligation:
    settled = left // FEN_MICRO * FEN_MICRO
    return Obligation(*pair, opening, lines, opening + lines - left, settled, left - settled)
