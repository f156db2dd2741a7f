"""Claiming rights, and showing them."""

from datetime import datetime
from typing import Annotated

import strawberry

import brands
import rights
from schema.context import Info
from schema.fields import needs
from schema.ids import key_of
from schema.right import Grant
from schema.rights_refusals import ClaimRefused, UnknownGrant, claim_refused
from schema.scopes import Scope


@strawberry.type
class RightCode:
    """What to show at the till."""

    text: str
    """Eighteen digits, good for one redemption."""
    expires_at: datetime
    """When the next code takes its place."""


ClaimRightResult = Annotated[Grant | ClaimRefused, strawberry.union("ClaimRightResult")]
RightCodeResult = Annotated[RightCode | UnknownGrant, strawberry.union("RightCodeResult")]


@strawberry.input
class ClaimRightInput:
    """A member's wish to have a right."""

    right: str
    """Its code."""
    idempotency_key: str
    """Chosen by the front end, once per wish."""
    pay_with: str | None = None
    """The code of the program whose points pay; needed only when the right has several prices."""


@strawberry.type
class ClaimMutation:
    """What a member does with rights."""

    @needs(Scope.RIGHTS_WRITE)
    async def claim_right(self, info: Info, input: ClaimRightInput) -> ClaimRightResult:
        """Take a right, and pay for it with points where it has a price."""
        wish = rights.Claim(info.context.viewer.member_id, input.right, input.idempotency_key, input.pay_with)
        outcome = await info.context.services.claims(wish)
        directory = await info.context.directory()
        if isinstance(outcome, rights.Grant):
            return Grant.of(outcome, directory)
        return claim_refused(outcome, _scale(directory, wish))

    @needs(Scope.RIGHTS_WRITE)
    async def right_code(self, info: Info, grant_id: strawberry.ID) -> RightCodeResult:
        """The code to show at the till now. Asking again changes nothing."""
        services, member_id = info.context.services, info.context.viewer.member_id
        wanted = key_of("Grant", grant_id)
        async with services.database.connection() as connection:
            outcome = await rights.right_code(
                connection, services.rights_key, member_id, wanted, clock=services.database.clock
            )
        if isinstance(outcome, rights.UnknownGrant):
            return UnknownGrant(message=outcome.message)
        return RightCode(text=outcome.text, expires_at=outcome.expires_at)


def _scale(directory: brands.Directory, wish: rights.Claim) -> int:
    """Decimals of the points that were to pay."""
    right = directory.right(wish.right)
    program = directory.program(wish.pay_with) if wish.pay_with else None
    if program is None and right is not None and right.prices:
        program = directory.programs[next(iter(right.prices))]
    return program.scale if program else 0
