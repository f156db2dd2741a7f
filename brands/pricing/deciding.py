"""The second person: approving exactly what was submitted, or sending it back."""

from collections.abc import Iterable
from typing import TypeAlias

from brands.change import Change
from brands.config.leaves import MONEY_SCALE
from brands.prices import Pause
from brands.pricing.desk import Desk, desk
from brands.pricing.errors import (
    CircleProfits,
    DigestDiffers,
    PriceMoved,
    ProposalDecided,
    ProposalNotFound,
    ReasonMissing,
    SamePerson,
    TermsUnfit,
)
from brands.pricing.fitness import unfit
from brands.pricing.pause_rows import end_pause, write_pause
from brands.pricing.placing import placed
from brands.pricing.proposal import Decision, Matter, Proposal, ProposalKind
from brands.pricing.proposal_rows import ROWS
from brands.pricing.second_person import before_approval, before_rejection
from brands.pricing.swing import pauses, reference
from brands.pricing.timeline import Placed
from brands.rate import Rate
from brands.writing import end_rate, write_rate
from core.amounts import format_amount
from core.database import Database
from core.persons import Actor

RejectionRefusal: TypeAlias = ProposalNotFound | ProposalDecided | ReasonMissing
ApprovalRefusal: TypeAlias = RejectionRefusal | SamePerson | DigestDiffers | PriceMoved | TermsUnfit | CircleProfits


async def approve(
    database: Database, number: int, actor: Actor, *, digest: str, reason: str
) -> Proposal | ApprovalRefusal:
    """Approve the proposal with this digest, as another person than the one who submitted it.

    Circles are looked for again, in the prices as they are now. A proposal that follows a price which is no longer in
    force is void. Only whoever approved may repeat it, for the same digest.
    """
    if not reason.strip():
        return ReasonMissing()
    async with desk(database) as held:
        proposal = await ROWS.numbered(held.connection, number)
        if proposal is None:
            return ProposalNotFound(number)
        answer = before_approval(proposal, number, actor, digest)
        if answer is not None:
            return answer
        return await _approve(held, proposal, actor, reason.strip())


async def reject(database: Database, number: int, actor: Actor, *, reason: str) -> Proposal | RejectionRefusal:
    """Send a proposal back; whoever submitted it may do so as well. Only whoever rejected it may repeat it."""
    if not reason.strip():
        return ReasonMissing()
    async with desk(database) as held:
        proposal = await ROWS.numbered(held.connection, number)
        if proposal is None:
            return ProposalNotFound(number)
        answer = before_rejection(proposal, number, actor)
        if answer is not None:
            return answer
        return await ROWS.decide(
            held.connection, proposal.id, Decision.REJECTED, actor.subject, reason.strip(), held.now
        )


async def _approve(held: Desk, proposal: Proposal, actor: Actor, reason: str) -> Proposal | ApprovalRefusal:
    matter = proposal.matter
    if matter.kind is ProposalKind.RESUME:
        return await _resume(held, proposal, actor, reason)
    follows = held.directory.prices.in_force((matter.program_id, matter.target_id), held.now)
    if (follows.id if follows else None) != matter.follows_id:
        why = "another price has come into force"
        await ROWS.decide(held.connection, proposal.id, Decision.VOIDED, actor.subject, why, held.now)
        return PriceMoved(proposal.number)
    objection = _objection(held, matter, proposal, actor)
    if not isinstance(objection, Placed):
        return objection
    await _put(held, matter, objection)
    rate_id = objection.added[0].id if objection.added else None
    return await ROWS.decide(
        held.connection, proposal.id, Decision.APPROVED, actor.subject, reason, held.now, rate_id=rate_id
    )


def _objection(held: Desk, matter: Matter, proposal: Proposal, actor: Actor) -> Placed | TermsUnfit | CircleProfits:
    """What is to be written, or why not."""
    programs, window = held.directory.programs, (matter.valid_from, matter.valid_to)
    target = None if matter.target_id is None else programs[matter.target_id]
    if matter.terms is not None:
        wrong = unfit(matter.terms, programs[matter.program_id], target, window, held.now)
        if wrong is not None:
            return wrong
    placing = placed(held, matter, proposal.submitted_by, actor.subject)
    return held.circle_with(placing) or placing


async def _put(held: Desk, matter: Matter, placing: Placed) -> None:
    for rate in placing.ended:
        await end_rate(held.connection, rate)
    for rate in placing.added:
        await write_rate(held.connection, rate, submitted_at=held.now, approved_at=held.now)
    paused = _pauses(held, matter, placing.added[:1])
    for found in paused:
        await write_pause(held.connection, found)
    await held.tell("prices", (*_changes(held, matter, placing), *(_told(held, found) for found in paused)))


def _pauses(held: Desk, matter: Matter, added: Iterable[Rate]) -> list[Pause]:
    prices = held.directory.prices
    threshold = held.directory.programs[matter.program_id].swing_pause_bp
    return [
        found
        for rate in added
        for found in pauses(reference(prices, rate.program_id, rate.target_id, rate.valid_from), rate, threshold)
    ]


async def _resume(held: Desk, proposal: Proposal, actor: Actor, reason: str) -> Proposal:
    assert proposal.matter.pause_id is not None, "what resumes names its pause"
    await end_pause(held.connection, proposal.matter.pause_id, held.now)
    source, target = held.code_of(proposal.matter.program_id), held.code_of(proposal.matter.target_id)
    await held.tell("prices", [Change(f"programs.{source}.pause.{target}", "paused", None)])
    return await ROWS.decide(held.connection, proposal.id, Decision.APPROVED, actor.subject, reason, held.now)


def _changes(held: Desk, matter: Matter, placing: Placed) -> Iterable[Change]:
    source = held.directory.programs[matter.program_id]
    target = source if matter.target_id is None else held.directory.programs[matter.target_id]
    path = f"programs.{source.code}.{'rate' if target is source else f'pairs.{target.code}'}"
    yield Change(
        path,
        _shown(placing.ended, source.scale, target.scale),
        _shown(placing.added[:1], source.scale, target.scale),
    )


def _shown(rates: tuple[Rate, ...], source_scale: int, target_scale: int) -> str | None:
    if not rates:
        return None
    rate = rates[-1]
    sell = format_amount(rate.sell_micro, MONEY_SCALE - source_scale)
    buy = format_amount(rate.buy_micro, MONEY_SCALE - target_scale)
    return f"version {rate.version}, {sell} / {buy}, {rate.fee_bp} bp, from {rate.valid_from.isoformat()}"


def _told(held: Desk, pause: Pause) -> Change:
    path = f"pauses.{held.code_of(pause.source_id)}.{held.code_of(pause.target_id)}"
    return Change(path, None, f"{pause.reason}, from {pause.since.isoformat()}")
