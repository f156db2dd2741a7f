"""Redeeming rights at a counter."""

from datetime import datetime
from typing import Annotated

import strawberry

import brands
import rights
from schema.context import Info
from schema.fields import needs
from schema.ids import global_id
from schema.refusals import amount
from schema.right import Right
from schema.rights_refusals import RedemptionRefused, redemption_refused
from schema.scalars import Amount

CNY_DECIMALS = 6


@strawberry.type
class Redemption:
    """One use of a right, honoured."""

    id: strawberry.ID
    right: Right
    redeemed_at: datetime
    settlement: Amount
    """What the issuer owes the honouring brand for it, in CNY."""


RedeemRightResult = Annotated[Redemption | RedemptionRefused, strawberry.union("RedeemRightResult")]


@strawberry.input
class RedeemRightInput:
    """A till's wish to honour the right whose code a member shows."""

    code: str
    """As scanned; blanks do not matter."""
    idempotency_key: str
    """Chosen by the till, once per redemption."""
    brand: str | None = None
    """The code of the place that honours it, below the token's brand; the token's brand itself when left out."""


@strawberry.type
class RedemptionMutation:
    """What a till does with rights."""

    @needs(brands.Scope.RIGHTS_REDEEM)
    async def redeem_right(self, info: Info, input: RedeemRightInput) -> RedeemRightResult:
        """Honour a right."""
        context = info.context
        brand = await context.acting_brand(input.brand)
        wish = rights.Redemption(input.code, brand.id, context.viewer.client_id, input.idempotency_key)
        outcome = await context.services.redemptions(wish)
        if not isinstance(outcome, rights.Redeemed):
            return redemption_refused(outcome)
        async with context.database.connection() as connection:
            grant = (await rights.grants_by_id(connection, [outcome.grant_id]))[outcome.grant_id]
        return Redemption(
            id=global_id("Redemption", outcome.id),
            right=Right.of(grant.right, await context.directory()),
            redeemed_at=outcome.redeemed_at,
            settlement=amount(outcome.settlement_micro, CNY_DECIMALS),
        )
