"""Which break each line that is left belongs to. Pure: every line is in exactly one break, or harmless.

Lines are brought together by our reference. What has none of ours to go with stands alone.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

from settlement.reconciliation.break_kinds import BreakKind, Draft, StatedLine
from settlement.reconciliation.line import Line


def sort_out(
    ours: Iterable[Line], theirs: Iterable[StatedLine], matched: Collection[str] = frozenset()
) -> Iterator[Draft]:
    """The breaks. `matched` are our references of which a line has been matched, now or earlier."""
    stated: dict[str, list[StatedLine]] = {}
    for it in sorted(theirs, key=lambda it: it.line.key):
        stated.setdefault(it.line.reference, []).append(it)
    unnamed = stated.pop("", [])
    posted: dict[str, list[Line]] = {}
    for line in sorted(ours, key=lambda line: line.key):
        posted.setdefault(line.reference, []).append(line)
    for reference, lines in posted.items():
        yield from _together(lines, stated.pop(reference, []) if reference else [])
    for reference, group in stated.items():
        yield from _alone(group, repeated=reference in matched)
    yield from _alone(unnamed, repeated=False)


def _together(lines: Sequence[Line], group: Sequence[StatedLine]) -> Iterator[Draft]:
    if group and len(lines) == 1:
        yield Draft(f"ours:{lines[0].key}", _kind(lines[0], group), tuple(lines), tuple(group))
        return
    for line in lines:
        yield Draft(f"ours:{line.key}", BreakKind.MISSING_AT_BRAND, (line,), ())
    yield from _alone(group, repeated=False)


def _alone(group: Sequence[StatedLine], *, repeated: bool) -> Iterator[Draft]:
    """What the brand refused and we do not have is no break: both say that nothing happened."""
    kind = BreakKind.DUPLICATE if repeated else BreakKind.MISSING_HERE
    for it in group:
        if it.booked:
            yield Draft(f"theirs:{it.line.key}", kind, (), (it,))


def _kind(line: Line, group: Sequence[StatedLine]) -> BreakKind:
    booked = [it.line for it in group if it.booked]
    if not booked:
        return BreakKind.STATUS
    if all(it.asset != line.asset for it in booked):
        return BreakKind.ASSET
    if len(booked) > 1:
        return BreakKind.DUPLICATE
    return BreakKind.AMOUNT if booked[0].gains == line.gains else BreakKind.REVERSAL
