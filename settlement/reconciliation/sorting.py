"""Which break each line that is left belongs to. Pure: every line is in exactly one break, or harmless.

Lines are brought together by our reference, points and money apart. What has none of ours to go with stands alone.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from settlement.reconciliation.break_kinds import BreakKind, Draft, StatedLine, late_anchor, our_anchor
from settlement.reconciliation.line import MONEY, NONE, Line, Thing, Tolerance

_Name: TypeAlias = tuple[str, bool]
"""Our reference, and whether it is in money."""
Way: TypeAlias = tuple[str, bool, bool]
"""Our reference, whether it is in money, and whether who is concerned gains."""

_Item = TypeVar("_Item")


class Fact(Struct, frozen=True):
    """What our own records say of a reference."""

    fee_micro: int = 0
    """What the operator kept."""
    given_up: bool = False
    """The exchange came to nothing, and what was taken has been given back or is on its way back."""


_UNKNOWN: Final = Fact()


class Knowledge(Struct, frozen=True):
    """What is known of the references besides the lines that are left."""

    matched: Collection[Way] = frozenset()
    """Those of which a line has been matched, now or earlier."""
    facts: Mapping[str, Fact] = {}
    tolerance: Tolerance = NONE
    """For money."""


def sort_out(
    ours: Iterable[Line],
    theirs: Iterable[StatedLine],
    known: Knowledge = Knowledge(),  # noqa: B008 - it is frozen
) -> Iterator[Draft]:
    """The breaks."""
    stated = _grouped((_name(it.line), it) for it in sorted(theirs, key=lambda it: it.line.key))
    posted = _grouped((_name(line), line) for line in sorted(ours, key=lambda line: line.key))
    for name, lines in posted.items():
        yield from _together(lines, stated.pop(name, []) if name[0] else [], known)
    for group in stated.values():
        yield from _alone(group, known)


def counted_once(drafts: Iterable[Draft]) -> Iterator[Draft]:
    """The same breaks; where one thing differs in points and in money, it is at risk once, in money.

    All that is about one thing must be among them.
    """
    found = list(drafts)
    in_money = {thing for it in found for thing in _things(it, in_money=True)}
    for it in found:
        twin = it.worth_micro is None and not in_money.isdisjoint(_things(it, in_money=False))
        yield msgspec.structs.replace(it, worth_micro=0) if twin else it


def _things(it: Draft, *, in_money: bool) -> Iterator[Thing]:
    """What its lines in points, or in money, are about."""
    for line in (*it.ours, *(stated.line for stated in it.theirs)):
        if (line.asset == MONEY) is in_money:
            yield line.thing


def _grouped(items: Iterable[tuple[_Name, _Item]]) -> dict[_Name, list[_Item]]:
    groups: dict[_Name, list[_Item]] = {}
    for name, item in items:
        groups.setdefault(name, []).append(item)
    return groups


def _name(line: Line) -> _Name:
    return line.reference, line.asset == MONEY


def _together(lines: Sequence[Line], group: Sequence[StatedLine], known: Knowledge) -> Iterator[Draft]:
    if group and len({line.gains for line in lines}) > 1:  # taken and given back, say: each with what went its way
        for gains in (False, True):
            ours = [line for line in lines if line.gains is gains]
            yield from _together(ours, [it for it in group if it.line.gains is gains], known)
        return
    if group and len(lines) == 1:
        kind = _kind(lines[0], group, known)
        yield Draft(our_anchor(lines[0].key), kind, tuple(lines), tuple(group))
        return
    for line in lines:
        turned = _turned(line, known)
        yield Draft(our_anchor(line.key), BreakKind.REVERSAL if turned else BreakKind.MISSING_AT_BRAND, (line,), ())
    yield from _alone(group, known)


def _alone(group: Sequence[StatedLine], known: Knowledge) -> Iterator[Draft]:
    """What the brand refused and we do not have is no break: both say that nothing happened."""
    late: dict[str, list[StatedLine]] = {}
    for it in group:
        kind = _kind_alone(it.line, known)
        if it.booked and kind is BreakKind.LATE_SUCCESS:
            in_money = it.line.asset == MONEY
            late.setdefault(late_anchor(it.line.reference, gains=it.line.gains, in_money=in_money), []).append(it)
        elif it.booked:
            yield Draft(f"theirs:{it.line.key}", kind, (), (it,))
    for anchor, lines in late.items():
        yield Draft(anchor, BreakKind.LATE_SUCCESS, (), tuple(lines))


def _kind_alone(line: Line, known: Knowledge) -> BreakKind:
    if line.reference and (*_name(line), line.gains) in known.matched:
        return BreakKind.DUPLICATE
    if _turned(line, known):
        return BreakKind.REVERSAL
    given_up = known.facts.get(line.reference, _UNKNOWN).given_up
    return BreakKind.LATE_SUCCESS if given_up else BreakKind.MISSING_HERE


def _turned(line: Line, known: Knowledge) -> bool:
    """Whether the same thing the other way round has been matched: then this takes it back."""
    return bool(line.reference) and (*_name(line), not line.gains) in known.matched


def _kind(line: Line, group: Sequence[StatedLine], known: Knowledge) -> BreakKind:
    booked = [it.line for it in group if it.booked]
    if not booked:
        return BreakKind.STATUS
    if all(it.asset != line.asset for it in booked):
        return BreakKind.ASSET
    if len(booked) > 1:
        return BreakKind.DUPLICATE
    if booked[0].gains != line.gains:
        return BreakKind.REVERSAL
    return _price_kind(line, booked[0], known) if line.asset == MONEY else BreakKind.AMOUNT


def _price_kind(line: Line, stated: Line, known: Knowledge) -> BreakKind:
    fee = known.facts.get(line.reference, _UNKNOWN).fee_micro
    apart = abs(abs(stated.amount - line.amount) - fee)
    return BreakKind.FEE if fee and apart <= known.tolerance.slack(line.amount) else BreakKind.RATE
