"""Resolutions that two persons decide: a match of lines that differ, money given up, a dispute begun or ended."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeAlias
from uuid import UUID

from brands import directory
from core.clock import Clock
from core.database import Connection, Database
from core.errors import Refusal
from settlement.cash.deciding import Effect, decide_on
from settlement.cash.errors import ProposalOpen
from settlement.cash.proposals import Decision, Kind, Proposal, Verdict, keep_proposal
from settlement.errors import ReasonMissing
from settlement.persons import Actor
from settlement.reconciliation.breaks import Break, BreakState, EventKind, lock_programs_of
from settlement.reconciliation.disputing import dispute, end_dispute, settled
from settlement.reconciliation.errors import (
    BreakChanged,
    BreakNotFound,
    BreakNotOpen,
    Disputed,
    NothingAtStake,
    NothingToMatch,
    StillAsked,
)
from settlement.reconciliation.fingerprint import fingerprint
from settlement.reconciliation.matches import keep_matches
from settlement.reconciliation.moving import move, refused, to_move
from settlement.reconciliation.pending import already_open, in_words, lock_open, lock_unclaimed
from settlement.reconciliation.rules import Found, Rule
from settlement.reconciliation.work_list import record
from settlement.reconciliation.write_offs import MovedFor

ProposalRefusal: TypeAlias = (
    BreakNotFound
    | BreakNotOpen
    | ReasonMissing
    | ProposalOpen
    | NothingToMatch
    | NothingAtStake
    | Disputed
    | StillAsked
)


async def propose_match(
    database: Database, break_ids: Sequence[UUID], actor: Actor, *, reason: str
) -> Proposal | ProposalRefusal:
    """Propose that all lines of these open breaks are the same thing, whatever they differ in."""
    if not reason.strip():
        return ReasonMissing()
    async with database.transaction() as connection:
        breaks = await lock_all(connection, break_ids)
        if not isinstance(breaks, list):
            return breaks
        if together(breaks) is None:
            return NothingToMatch()
        waiting = await already_open(connection, breaks, database.clock)
        if waiting is not None:
            return waiting
        told = await in_words(connection, breaks)
        content = {"breaks": {str(it.id): fingerprint(it) for it in breaks}, "about": told}
        return await keep_proposal(connection, Kind.FORCED_MATCH, content, actor, reason.strip(), database.clock)


async def propose_write_off(
    database: Database, break_id: UUID, amount_micro: int, actor: Actor, *, reason: str
) -> Proposal | ProposalRefusal:
    """Propose to give up `amount_micro` (positive; at most what is at stake) because of an open break.

    Whoever owes because of the break no longer does: the operator's position takes it.
    """
    if not reason.strip():
        return ReasonMissing()
    async with database.transaction() as connection:
        found = await lock_unclaimed(connection, break_id, database.clock)
        if not isinstance(found, Break):
            return found
        signed = await to_move(connection, found, amount_micro)
        if not isinstance(signed, int):
            return signed
        content = {"break_id": str(found.id), "fingerprint": fingerprint(found), "amount_micro": signed}
        content |= {"about": await in_words(connection, [found])}
        return await keep_proposal(connection, Kind.WRITE_OFF, content, actor, reason.strip(), database.clock)


async def decide(
    database: Database, proposal_id: UUID, actor: Actor, verdict: Decision, *, digest: str | None, reason: str
) -> Proposal | Refusal:
    """Approve exactly the resolution that has this digest, as another person than the proposer, or reject it.

    None: whatever it says; only to reject it.
    """
    assert digest is not None or verdict is Verdict.REJECTED, "an approval names what it approves"
    return await decide_on(database, proposal_id, actor, verdict, effects=BREAK_EFFECTS, reason=reason, digest=digest)


async def _match(connection: Connection, proposal: Proposal, actor: Actor, clock: Clock) -> Refusal | None:
    seen: Mapping[str, str] = proposal.content["breaks"]
    breaks = await lock_all(connection, [UUID(key) for key in seen])
    if not isinstance(breaks, list):
        return breaks
    found = together(breaks)
    if found is None or any(seen[str(it.id)] != fingerprint(it) for it in breaks):
        return BreakChanged()
    program = (await directory(connection)).programs[breaks[0].program_id]
    line_ids = {stated.line.key: stated.id for it in breaks for stated in it.theirs}
    await keep_matches(connection, program, [found], line_ids, clock, proposal_id=proposal.id)
    for it in breaks:
        closed = replace(it, state=BreakState.CLOSED)
        text = proposal.proposed_reason
        await record(connection, closed, EventKind.FORCED_MATCH, actor, text, clock, proposal_id=proposal.id)
    return None


async def _write_off(connection: Connection, proposal: Proposal, actor: Actor, clock: Clock) -> Refusal | None:
    found = await lock_open(connection, UUID(proposal.content["break_id"]))
    if not isinstance(found, Break):
        return found
    if fingerprint(found) != proposal.content["fingerprint"]:
        return BreakChanged()
    amount, text = int(proposal.content["amount_micro"]), proposal.proposed_reason
    refusal: Refusal | None = await refused(connection, found, amount)
    refusal = refusal or await move(connection, found, proposal, [(MovedFor.WRITE_OFF, amount)], clock)
    if refusal is not None:
        return refusal
    after = settled(replace(found, written_off=found.written_off + amount))
    await record(connection, after, EventKind.WRITE_OFF, actor, text, clock, proposal_id=proposal.id)
    return None


BREAK_EFFECTS: Final[Mapping[Kind, Effect]] = {
    Kind.FORCED_MATCH: _match,
    Kind.WRITE_OFF: _write_off,
    Kind.BREAK_DISPUTE: dispute,
    Kind.BREAK_DISPUTE_END: end_dispute,
}
"""What the approval of each kind does that is about a break."""


async def lock_all(connection: Connection, break_ids: Sequence[UUID]) -> list[Break] | BreakNotFound | BreakNotOpen:
    """The breaks, locked in one order, when all are open."""
    await lock_programs_of(connection, break_ids)
    breaks: list[Break] = []
    for break_id in sorted(set(break_ids)):
        found = await lock_open(connection, break_id)
        if not isinstance(found, Break):
            return found
        breaks.append(found)
    return breaks


def together(breaks: Sequence[Break], rule: Rule = Rule.PERSON) -> Found | None:
    """The match of all lines; None without lines on both sides of one program and asset, or after a write-off."""
    ours = tuple(line for it in breaks for line in it.ours)
    theirs = tuple(stated.line for it in breaks for stated in it.theirs if stated.booked)
    one = len({it.program_id for it in breaks}) == 1 and len({line.asset for line in (*ours, *theirs)}) == 1
    possible = ours and theirs and one and not any(it.written_off or it.disputed for it in breaks)
    return Found(rule, ours, theirs) if possible else None
