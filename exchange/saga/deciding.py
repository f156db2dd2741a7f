"""Settling cases by hand: what moves value takes two persons, who put their names to the same evidence.

action          for                                    what it does
ASK_AGAIN       any case that is not a late success    asks the brand once more; one person
CONFIRM_DONE    the same                               takes the errand for done: the brand's books show it
CONFIRM_UNDONE  the same, but not what is owed         takes the errand for not done: it is undone here
TAKEN_BACK      a late credit                          the target has taken the points back: its position with them
WRITE_OFF       a late credit                          the member keeps the points, the operator bears them
CLOSE           any other late success                 settled between the brands, nothing moves here; two persons
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias
from uuid import UUID

from brands import Directory, directory
from core.database import Connection, Database
from core.ids import new_id
from core.jobs import enqueue
from core.persons import Actor
from core.refusals import NetDebitCapReached
from exchange.errors import ReasonUnusable
from exchange.exchanges import Exchange
from exchange.ports import SILENT, Outbox
from exchange.saga.cases import Case, CaseKind, cases, close_cases
from exchange.saga.courses import OWED
from exchange.saga.errand_rows import errands_by_id, lock_exchanges
from exchange.saga.errand_writing import write_progress
from exchange.saga.errands import Errand, Mode, Outcome, Role
from exchange.saga.errors import (
    ActionNotAllowed,
    AlreadyProposed,
    CaseClosed,
    EvidenceChanged,
    NothingProposed,
    ReasonMissing,
    SamePerson,
    UnknownCase,
)
from exchange.saga.evidence import digest_of, evidence_of
from exchange.saga.judging import Dossier, resolved
from exchange.saga.postings import Group, Posting
from exchange.saga.reasons import reason_refused
from exchange.saga.reversal_rows import open_parts
from exchange.saga.turn_writing import PostingFailed, job_for, post_groups, write_turns
from ledger import Status, balances


class Action(StrEnum):
    """What persons may do about a case. Names are stored; add, never rename."""

    ASK_AGAIN = "ASK_AGAIN"
    """Ask the brand once more."""
    CONFIRM_DONE = "CONFIRM_DONE"
    """The brand's own books show that it was done."""
    CONFIRM_UNDONE = "CONFIRM_UNDONE"
    """The brand's own books show that it was not done."""
    TAKEN_BACK = "TAKEN_BACK"
    """The target has taken back the points that it gave too late."""
    WRITE_OFF = "WRITE_OFF"
    """The member keeps the points that came too late; the operator bears them."""
    CLOSE = "CLOSE"
    """It was settled between the brands; nothing moves here."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one person wants to do about a case."""

    id: UUID
    action: Action
    digest: str
    proposed_by: str
    proposed_at: datetime
    reason: str


CaseRefusal: TypeAlias = UnknownCase | CaseClosed | ActionNotAllowed | AlreadyProposed | ReasonMissing | ReasonUnusable
ApprovalRefusal: TypeAlias = (
    UnknownCase
    | CaseClosed
    | NothingProposed
    | SamePerson
    | EvidenceChanged
    | ReasonMissing
    | ReasonUnusable
    | NetDebitCapReached
)

_PROPOSE: Final = """
INSERT INTO exchange_case_decision (id, case_id, action, digest, proposed_by, proposed_at, proposed_reason)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""

_STANDING: Final = """
SELECT id, action, digest, proposed_by, proposed_at, proposed_reason FROM exchange_case_decision
WHERE case_id = $1 AND decision IS NULL
"""

_DECIDE: Final = """
UPDATE exchange_case_decision SET decision = $2, decided_by = $3, decided_at = $4, decided_reason = $5 WHERE id = $1
"""

_ASSIGN: Final = "UPDATE exchange_case SET owner = $2, due_at = coalesce($3, due_at) WHERE id = $1"


@dataclass(frozen=True, slots=True)
class _Desk:
    connection: Connection
    case: Case
    exchange: Exchange
    errand: Errand
    known: Directory
    now: datetime


def allowed_actions(case: Case, errand: Errand) -> tuple[Action, ...]:
    """What may be done about an open case."""
    if case.closed_at is not None:
        return ()
    if case.kind is CaseKind.LATE_SUCCESS:
        return (Action.TAKEN_BACK, Action.WRITE_OFF) if errand.role is Role.CREDIT else (Action.CLOSE,)
    undone = () if errand.role in OWED else (Action.CONFIRM_UNDONE,)
    return (Action.ASK_AGAIN, Action.CONFIRM_DONE, *undone)


async def proposal(connection: Connection, case_id: UUID) -> Proposal | None:
    """What waits for a second person."""
    row = await connection.fetchrow(_STANDING, case_id)
    if row is None:
        return None
    return Proposal(
        row["id"], Action(row["action"]), row["digest"], row["proposed_by"], row["proposed_at"], row["proposed_reason"]
    )


async def assign(
    database: Database, case_id: UUID, *, owner: str, due_at: datetime | None = None
) -> Case | UnknownCase | CaseClosed:
    """Give a case to somebody, with another due time or the one it has."""
    async with database.transaction() as connection:
        desk = await _desk(connection, database, case_id)
        if not isinstance(desk, _Desk):
            return desk
        await connection.execute(_ASSIGN, case_id, Actor(owner).subject, due_at)
        return (await cases(connection, case_id=case_id))[0]


async def propose(
    database: Database, case_id: UUID, action: Action, *, subject: str, reason: str
) -> Proposal | Case | CaseRefusal:
    """Propose what is to be done; asking again needs nobody else and is done at once (the case is returned)."""
    if (wrong := reason_refused(reason)) is not None:
        return wrong
    async with database.transaction() as connection:
        desk = await _desk(connection, database, case_id)
        if not isinstance(desk, _Desk):
            return desk
        allowed = allowed_actions(desk.case, desk.errand)
        if action not in allowed:
            return ActionNotAllowed(tuple(allowed))
        if action is Action.ASK_AGAIN:
            await _ask_again(desk)
            return desk.case
        standing = await proposal(connection, case_id)
        if standing is not None:
            same = (standing.action, standing.proposed_by) == (action, subject)
            return standing if same else AlreadyProposed(standing.action.value, standing.proposed_by)
        digest = await _digest(desk, action)
        await connection.execute(_PROPOSE, new_id(), case_id, action.value, digest, subject, desk.now, reason.strip())
        made = await proposal(connection, case_id)
        assert made is not None, "it was just written"
        return made


class _Refused(Exception):  # what was written so far is rolled back
    def __init__(self, refusal: NetDebitCapReached) -> None:
        super().__init__()
        self.refusal = refusal


async def approve(
    database: Database, case_id: UUID, *, subject: str, digest: str, reason: str, outbox: Outbox = SILENT
) -> Case | ApprovalRefusal:
    """Do what another person proposed, if it still stands on the same evidence; otherwise the proposal is void."""
    if (wrong := reason_refused(reason)) is not None:
        return wrong
    try:
        async with database.transaction() as connection:
            desk = await _desk(connection, database, case_id)
            return await _approve(desk, database, outbox, subject, digest, reason) if isinstance(desk, _Desk) else desk
    except _Refused as refused:
        return refused.refusal


async def reject(database: Database, case_id: UUID, *, subject: str, reason: str) -> Case | ApprovalRefusal:
    """Drop what was proposed; whoever proposed it may do so as well."""
    if (wrong := reason_refused(reason)) is not None:
        return wrong
    async with database.transaction() as connection:
        desk = await _desk(connection, database, case_id)
        if not isinstance(desk, _Desk):
            return desk
        standing = await proposal(connection, case_id)
        if standing is None:
            return NothingProposed()
        await connection.execute(_DECIDE, standing.id, "REJECTED", subject, desk.now, reason.strip())
        return desk.case


async def _approve(
    desk: _Desk, database: Database, outbox: Outbox, subject: str, digest: str, reason: str
) -> Case | ApprovalRefusal:
    standing = await proposal(desk.connection, desk.case.id)
    if standing is None:
        return NothingProposed()
    if standing.proposed_by == subject:
        return SamePerson(subject)
    found = await _digest(desk, standing.action)
    if standing.digest != found:
        await desk.connection.execute(_DECIDE, standing.id, "VOIDED", subject, desk.now, "the evidence has changed")
        return EvidenceChanged(found)
    if digest != found:
        return EvidenceChanged(found)
    await desk.connection.execute(_DECIDE, standing.id, "APPROVED", subject, desk.now, reason.strip())
    await _settle(desk, database, outbox, standing.action)
    return (await cases(desk.connection, case_id=desk.case.id, closed=True))[0]


async def _settle(desk: _Desk, database: Database, outbox: Outbox, action: Action) -> None:
    if desk.case.kind is CaseKind.LATE_SUCCESS:
        group = _LATE.get(action)
        instant = await _post_late(desk, database, group) if group else desk.now
        closed_as = group.value if group else action.value
        await close_cases(desk.connection, [desk.errand.id], instant, closed_as, CaseKind.LATE_SUCCESS)
        return
    outcome = Outcome.DONE if action is Action.CONFIRM_DONE else Outcome.ABSENT
    await close_cases(desk.connection, [desk.errand.id], desk.now, action.value)
    parts = await open_parts(desk.connection, [desk.exchange.id])
    dossier = Dossier(desk.exchange, [desk.errand], parts.get(desk.exchange.id), desk.now, desk.known)
    turn = resolved(dossier, replace(desk.errand, call_id=None, lease_until=None), outcome)
    await write_turns(desk.connection, desk.known, [turn], database.clock, outbox, goes_on=False)


_LATE: Final = {Action.TAKEN_BACK: Group.LATE_TAKEN, Action.WRITE_OFF: Group.LATE_LOST}


async def _post_late(desk: _Desk, database: Database, group: Group) -> datetime:
    outcomes = await post_groups(desk.connection, desk.known, [Posting(desk.exchange, group)], database.clock)
    for transfer, outcome in outcomes:
        if outcome.status is Status.EXCEEDS_CREDITS:
            means = (await balances(desk.connection, [transfer.debit_account_id]))[transfer.debit_account_id]
            who = desk.exchange.target_participant_id
            raise _Refused(NetDebitCapReached(who, transfer.amount, max(means.available_credit, 0)))
        if not outcome.ok and outcome.status is not Status.LINKED_FAILED:
            raise PostingFailed(transfer, outcome)
    recorded_at = outcomes[0][1].recorded_at
    assert recorded_at is not None, "what is posted was recorded"
    return recorded_at


async def _ask_again(desk: _Desk) -> None:
    unsent = desk.errand.role in OWED or desk.errand.mode is Mode.SEND
    mode = Mode.SEND if unsent and not desk.errand.ambiguous else Mode.ASK
    due = replace(
        desk.errand, mode=mode, due_at=desk.now, deadline_at=desk.now + (desk.case.due_at - desk.case.opened_at)
    )
    await write_progress(desk.connection, [due])
    await enqueue(desk.connection, [job_for(due, desk.known, desk.now)])


async def _digest(desk: _Desk, action: Action) -> str:
    return digest_of(desk.exchange.state.value, await evidence_of(desk.connection, desk.exchange.id), action.value)


async def _desk(connection: Connection, database: Database, case_id: UUID) -> _Desk | UnknownCase | CaseClosed:
    found = await cases(connection, case_id=case_id, closed=True)
    locked = await lock_exchanges(connection, [found[0].exchange_id], database.clock.pinned) if found else None
    if locked is None:
        return UnknownCase()
    case = (await cases(connection, case_id=case_id, closed=True))[0]
    if case.closed_as is not None:
        return CaseClosed(case.closed_as)
    errand = (await errands_by_id(connection, [case.errand_id]))[case.errand_id]
    known = await directory(connection)
    return _Desk(connection, case, locked.exchanges[case.exchange_id], errand, known, locked.now)
