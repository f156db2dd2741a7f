"""Bringing the breaks of a program up to what its lines say now. Pure: the breaks and events to be written."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID

from core.ids import new_id
from settlement.reconciliation.break_kinds import OPERATOR, Draft, Prices
from settlement.reconciliation.breaks import Break, BreakEvent, BreakState, EventKind

DAYS_TO_ACT: Final = 7
AGREE: Final = "The lines agree now."
TAKE_BACK: Final = "The lines agree now: take back what was moved because of it."


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the matching on one program."""

    program_id: UUID
    prices: Prices
    actor: str
    now: datetime
    today: date
    """In the program's time zone."""


def kept_up(
    run: Run, drafts: Iterable[Draft], known: Iterable[Break], why: Mapping[str, str] = MappingProxyType({})
) -> Iterator[tuple[Break, BreakEvent]]:
    """Each break that is new or changes, with what happened to it; `known` are all that may concern the drafts.

    `why` tells by anchor why those close that are not drafted; otherwise their lines agree.
    """
    standing = {it.anchor: it for it in known}
    for draft in drafts:
        found = standing.pop(draft.anchor, None)
        kind = _happened(found, draft, draft.value_micro(run.prices))
        if kind is not None:
            opened = _opened(run, draft, found, kind)
            yield opened, _event(run, opened, kind, opened.kind.value)
    for it in standing.values():
        if it.state is BreakState.OPEN or it.written_off or it.disputed:
            yield from _agreeing(run, it, why.get(it.anchor, AGREE))


def _happened(found: Break | None, draft: Draft, value_micro: int) -> EventKind | None:
    if found is None:
        return EventKind.OPENED
    same = (found.kind, found.ours, found.theirs) == (draft.kind, draft.ours, draft.theirs)
    if found.state is BreakState.CLOSED or (found.state is BreakState.RESOLVED and not same):
        return EventKind.REOPENED
    # Prices may move meanwhile; that something is at risk at all, or that it is not, is told.
    moved = found.state is BreakState.OPEN and bool(found.value_micro) != bool(value_micro)
    return EventKind.CHANGED if moved or not same else None


def _opened(run: Run, draft: Draft, found: Break | None, kind: EventKind) -> Break:
    changed = found is not None and kind is EventKind.CHANGED
    return Break(
        id=found.id if found else new_id(),
        program_id=run.program_id,
        anchor=draft.anchor,
        kind=draft.kind,
        state=BreakState.OPEN,
        ours=draft.ours,
        theirs=draft.theirs,
        value_micro=draft.value_micro(run.prices),
        owner=found.owner if found and changed else draft.kind.owner,
        next_step=draft.kind.next_step,
        due_on=found.due_on if found and changed else draft.due_on or run.today + timedelta(days=DAYS_TO_ACT),
        opened_at=found.opened_at if found and changed else run.now,
        written_off=found.written_off if found else 0,
        disputed=found.disputed if found else 0,
    )


def _agreeing(run: Run, it: Break, why: str) -> Iterator[tuple[Break, BreakEvent]]:
    """A break whose lines agree closes itself, unless money was given up for it, which has to come back."""
    if not it.written_off and not it.disputed:
        closed = replace(it, state=BreakState.CLOSED)
        yield closed, _event(run, closed, EventKind.CLOSED, why)
    elif it.next_step != TAKE_BACK:
        due_on = run.today + timedelta(days=DAYS_TO_ACT)
        turned = replace(it, state=BreakState.OPEN, value_micro=0, owner=OPERATOR, next_step=TAKE_BACK)
        turned = replace(turned, due_on=due_on, opened_at=run.now)
        yield turned, _event(run, turned, EventKind.REOPENED, TAKE_BACK)


def _event(run: Run, it: Break, kind: EventKind, text: str) -> BreakEvent:
    return BreakEvent(it.id, kind, run.actor, text, None, run.now)
