"""Resolutions that two persons decide: a match of lines that differ, and money given up because of a break.

A write-off moves money between the operator's position and the participant's, so that the positions still sum to zero
and it is settled with the window that is open: Dr position OPERATOR / Cr position participant, or the other way round.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeAlias
from uuid import UUID

import msgspec

from brands import directory
from brands.accounts import operator_position_account, position_account
from core.clock import Clock
from core.codes import Code
from core.database import Connection, Database
from core.errors import Refusal
from core.ids import derive_id
from exchange import movements_by_id
from ledger import Transfer
from settlement.cash.deciding import Effect, decide_on
from settlement.cash.proposals import Kind, Proposal, Verdict, keep_proposal
from settlement.errors import ReasonMissing
from settlement.persons import Actor
from settlement.reconciliation.breaks import Break, BreakState, EventKind
from settlement.reconciliation.errors import BreakChanged, BreakNotFound, BreakNotOpen, NothingAtStake, NothingToMatch
from settlement.reconciliation.matches import keep_matches
from settlement.reconciliation.rules import Found, Rule
from settlement.reconciliation.work_list import lock_open, record
from settlement.reconciliation.write_offs import WriteOff, keep_write_off
from settlement.refused import CapReached, post_all

ProposalRefusal: TypeAlias = BreakNotFound | BreakNotOpen | ReasonMissing | NothingToMatch | NothingAtStake


async def propose_match(
    database: Database, break_ids: Sequence[UUID], actor: Actor, *, reason: str
) -> Proposal | ProposalRefusal:
    """Propose that all lines of these open breaks are the same thing, whatever they differ in."""
    if not reason.strip():
        return ReasonMissing()
    async with database.transaction() as connection:
        breaks = await _lock_all(connection, break_ids)
        if not isinstance(breaks, list):
            return breaks
        if _together(breaks) is None:
            return NothingToMatch()
        content = {"breaks": {str(it.id): fingerprint(it) for it in breaks}}
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
        found = await lock_open(connection, break_id)
        if not isinstance(found, Break):
            return found
        at_stake = await _owed(connection, found)
        if not 0 < amount_micro <= abs(at_stake):
            return NothingAtStake(abs(at_stake))
        signed = amount_micro if at_stake > 0 else -amount_micro
        content = {"break_id": str(found.id), "fingerprint": fingerprint(found), "amount_micro": signed}
        return await keep_proposal(connection, Kind.WRITE_OFF, content, actor, reason.strip(), database.clock)


async def decide(
    database: Database, proposal_id: UUID, actor: Actor, verdict: Verdict, *, reason: str
) -> Proposal | Refusal:
    """Approve a resolution, as another person than the proposer, or reject it; exactly what was proposed is done."""
    return await decide_on(database, proposal_id, actor, verdict, effects=BREAK_EFFECTS, reason=reason)


def fingerprint(it: Break) -> str:
    """Of all that a decision is about: another one as soon as anything of it changes."""
    seen = (it.kind.value, it.ours, it.theirs, it.value_micro, it.written_off)
    return hashlib.sha256(msgspec.json.encode(seen)).hexdigest()


async def _match(connection: Connection, proposal: Proposal, actor: Actor, clock: Clock) -> Refusal | None:
    seen: Mapping[str, str] = proposal.content["breaks"]
    breaks = await _lock_all(connection, [UUID(key) for key in seen])
    if not isinstance(breaks, list):
        return breaks
    found = _together(breaks)
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
    network = await directory(connection)
    participant = network.brands[network.programs[found.program_id].participant_id]
    written = WriteOff(
        derive_id(proposal.id, "write-off"), found.id, participant.id, int(proposal.content["amount_micro"])
    )
    accounts = [operator_position_account(), position_account(participant)]
    debit, credit = accounts if written.amount_micro > 0 else reversed(accounts)
    transfer = Transfer(
        written.id, debit.id, credit.id, abs(written.amount_micro), Code.WRITE_OFF, reference=written.id
    )
    try:
        await post_all(connection, [transfer], accounts, clock)
    except CapReached as reached:
        return reached.refusal
    await keep_write_off(connection, written, proposal.id, clock.now())
    after, text = _after(found, written), proposal.proposed_reason
    await record(connection, after, EventKind.WRITE_OFF, actor, text, clock, proposal_id=proposal.id)
    return None


def _after(found: Break, written: WriteOff) -> Break:
    after = replace(found, written_off=found.written_off + written.amount_micro)
    if after.at_stake:
        return after
    return replace(after, state=BreakState.RESOLVED if after.value_micro else BreakState.CLOSED)


BREAK_EFFECTS: Final[Mapping[Kind, Effect]] = {Kind.FORCED_MATCH: _match, Kind.WRITE_OFF: _write_off}
"""What the approval of each kind does that is about a break."""


async def _lock_all(connection: Connection, break_ids: Sequence[UUID]) -> list[Break] | BreakNotFound | BreakNotOpen:
    breaks: list[Break] = []
    for break_id in sorted(set(break_ids)):
        found = await lock_open(connection, break_id)
        if not isinstance(found, Break):
            return found
        breaks.append(found)
    return breaks


def _together(breaks: Sequence[Break]) -> Found | None:
    """The match of all lines; None without lines on both sides of one program and asset, or after a write-off."""
    ours = tuple(line for it in breaks for line in it.ours)
    theirs = tuple(stated.line for it in breaks for stated in it.theirs if stated.booked)
    one = len({it.program_id for it in breaks}) == 1 and len({line.asset for line in (*ours, *theirs)}) == 1
    possible = ours and theirs and one and not any(it.written_off for it in breaks)
    return Found(Rule.PERSON, ours, theirs) if possible else None


async def _owed(connection: Connection, it: Break) -> int:
    """What is at stake between participants: a brand's own awards and burns move nothing between them."""
    references = {line.reference for line in (*it.ours, *(stated.line for stated in it.theirs))}
    own = await movements_by_id(connection, {UUID(text) for text in references if _is_id(text)})
    return -it.written_off if own else it.at_stake


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
