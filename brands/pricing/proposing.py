"""The first person: submitting a change of prices."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from brands.pricing.desk import Desk, desk
from brands.pricing.errors import RETROACTIVE, CircleProfits, NoSuchProgram, NothingToEnd, PriceUnchanged, TermsUnfit
from brands.pricing.fitness import unfit
from brands.pricing.placing import placed
from brands.pricing.proposal import Matter, Proposal, ProposalKind
from brands.pricing.proposal_rows import write_submission
from brands.pricing.swing import reference, widest_move_bp
from brands.rate import Terms
from core.database import Database
from core.persons import Actor

SubmissionRefusal: TypeAlias = NoSuchProgram | TermsUnfit | PriceUnchanged | CircleProfits
EndingRefusal: TypeAlias = NoSuchProgram | NothingToEnd


@dataclass(frozen=True, slots=True)
class PriceChange:
    """What somebody wants a program's points to be worth, or a pair's."""

    program: str
    """The code of the program, or of the pair's source."""
    target: str | None
    """The code of the pair's target; None: the program's own prices."""
    terms: Terms
    valid_from: datetime | None = None
    """None: from the approval on."""
    valid_to: datetime | None = None
    """When what was in force before comes back; None: until the next change."""


async def submit(
    database: Database, change: PriceChange, actor: Actor, *, reason: str = ""
) -> Proposal | SubmissionRefusal:
    """Put a price before a second person, in place of any earlier proposal for the same program or pair."""
    async with desk(database) as held:
        return await submit_at(held, change, actor, reason)


async def submit_at(held: Desk, change: PriceChange, actor: Actor, reason: str) -> Proposal | SubmissionRefusal:
    """The same at a desk that is held already."""
    matter = _matter(held, change)
    if not isinstance(matter, Matter):
        return matter
    circle = held.circle_with(placed(held, matter, actor.subject, actor.subject))
    if circle is not None:
        return circle
    before = reference(held.directory.prices, matter.program_id, matter.target_id, held.now)
    moved_bp = widest_move_bp(before, change.terms)
    return await write_submission(held.connection, matter, moved_bp, actor.subject, reason.strip(), held.now)


async def end_pair(
    database: Database, source: str, target: str, actor: Actor, *, reason: str = ""
) -> Proposal | EndingRefusal:
    """Put before a second person that a pair is to lose its special price, and all that is planned for it."""
    async with desk(database) as held:
        one, other = held.directory.program(source), held.directory.program(target)
        if one is None or other is None:
            return NoSuchProgram(target if one else source)
        timeline = held.directory.prices.timelines.get((one.id, other.id), ())
        if not any(rate.holds_after(held.now) for rate in timeline):
            return NothingToEnd(source, target)
        follows = held.directory.prices.in_force((one.id, other.id), held.now)
        matter = Matter(
            kind=ProposalKind.END, program_id=one.id, target_id=other.id, follows_id=follows.id if follows else None
        )
        return await write_submission(held.connection, matter, 0, actor.subject, reason.strip(), held.now)


def _matter(held: Desk, change: PriceChange) -> Matter | NoSuchProgram | TermsUnfit | PriceUnchanged:
    source = held.directory.program(change.program)
    target = held.directory.program(change.target) if change.target is not None else None
    if source is None or (target is None and change.target is not None):
        return NoSuchProgram(change.program if source is None else str(change.target))
    wrong = unfit(change.terms, source, target, (change.valid_from, change.valid_to), held.now)
    if wrong is not None:
        return wrong
    if change.valid_from is not None and change.valid_from < held.now:
        return TermsUnfit("valid_from", RETROACTIVE)
    pair = source.id, None if target is None else target.id
    follows = held.directory.prices.in_force(pair, held.now)
    if follows is not None and follows.terms == change.terms and change.valid_from is change.valid_to is None:
        return PriceUnchanged()
    return Matter(
        kind=ProposalKind.RATE,
        program_id=source.id,
        target_id=pair[1],
        terms=change.terms,
        valid_from=change.valid_from,
        valid_to=change.valid_to,
        follows_id=None if follows is None else follows.id,
    )
