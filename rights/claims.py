"""Whether a member may have a right, and for what. Pure: no database, no clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from brands import Directory, Program, Right
from members import Membership
from rights.errors import NoLongerGranted, NotAMember, NotEligible, NotForSaleWith, PayWithNeeded, UnknownRight
from rights.legs import Payment


@dataclass(frozen=True, slots=True)
class Claim:
    """A member's wish to have a right."""

    member_id: UUID
    right: str
    """The right's code."""
    idempotency_key: str
    """Chosen by the front end, once per wish; unique for the member."""
    pay_with: str | None = None
    """The code of the program whose points pay; needed only when the right has several prices."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a claim would lead to."""

    right: Right
    membership_id: UUID
    """The membership that will hold the grant: the one that pays."""
    payment: Payment | None


Unfit: TypeAlias = UnknownRight | NotAMember | NotEligible | PayWithNeeded | NotForSaleWith | NoLongerGranted


def terms(directory: Directory, memberships: Sequence[Membership], claim: Claim, instant: datetime) -> Terms | Unfit:
    """On which terms the member can have the right at `instant`."""
    right = directory.right(claim.right)
    if right is None or right.withdrawn:
        return UnknownRight(claim.right)
    if right.validity.window(instant)[1] <= instant:
        return NoLongerGranted(right.validity.window(instant)[1])
    if not _eligible(directory, right, memberships):
        return NotEligible(tuple(sorted(_eligible_tiers(directory, right))))
    if not right.prices:
        return _free(right, memberships)
    return _paid(directory, right, memberships, claim.pay_with)


def _eligible(directory: Directory, right: Right, memberships: Iterable[Membership]) -> bool:
    return not right.eligibility or any(_reaches(directory, right, membership) for membership in memberships)


def _reaches(directory: Directory, right: Right, membership: Membership) -> bool:
    lowest = right.eligibility.get(membership.program_id)
    if lowest is None:
        return False
    codes = [tier.code for tier in directory.programs[membership.program_id].tiers]
    return codes.index(membership.tier) >= codes.index(lowest)


def _eligible_tiers(directory: Directory, right: Right) -> Iterable[str]:
    return (f"{directory.programs[program_id].code}:{tier}" for program_id, tier in right.eligibility.items())


def _free(right: Right, memberships: Sequence[Membership]) -> Terms | NotAMember:
    fitting = [held for held in memberships if not right.eligibility or held.program_id in right.eligibility]
    return Terms(right, min(held.id for held in fitting), None) if fitting else NotAMember(())


def _paid(
    directory: Directory, right: Right, memberships: Sequence[Membership], pay_with: str | None
) -> Terms | NotAMember | PayWithNeeded | NotForSaleWith:
    programs = {directory.programs[program_id].code: directory.programs[program_id] for program_id in right.prices}
    if pay_with is None and len(programs) > 1:
        return PayWithNeeded(tuple(sorted(programs)))
    program = next(iter(programs.values())) if pay_with is None else programs.get(pay_with)
    if program is None:
        return NotForSaleWith(str(pay_with))
    payer = next((held.id for held in memberships if held.program_id == program.id), None)
    if payer is None:
        return NotAMember((program.code,))
    return Terms(right, payer, _payment(directory, right, program, payer))


def _payment(directory: Directory, right: Right, program: Program, membership_id: UUID) -> Payment:
    price = right.prices[program.id]
    value_micro = price * directory.rate(program.id).sell_micro
    return Payment(program, membership_id, price, directory.brands[program.participant_id], value_micro)
