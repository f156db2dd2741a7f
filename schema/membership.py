"""Memberships: a member's cards, and the points on them."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import strawberry
from strawberry import federation

import brands
import members
from ledger import Lot
from schema.brand_balance import BrandBalanceResult
from schema.context import Info
from schema.errors import Forbidden
from schema.ids import key_of
from schema.nodes import Node
from schema.program import Program, Tier
from schema.reads import Card
from schema.refusals import amount
from schema.scalars import Amount
from schema.scopes import Scope

strawberry.enum(members.MembershipStatus)


@strawberry.type
class Expiring:
    """Points that expire together."""

    amount: Amount
    on: date
    """The last day on which they can be used, in the program's time zone."""


@federation.type(keys=["id"], requires_scopes=[[Scope.WALLET_READ]])
class Membership(Node):
    """A member's card of a program."""

    number: str
    status: members.MembershipStatus
    enrolled_on: date
    card: strawberry.Private[Card]
    directory: strawberry.Private[brands.Directory]
    now: strawberry.Private[datetime]

    @classmethod
    def of(cls, card: Card, directory: brands.Directory, now: datetime) -> "Membership":
        """As the graph shows it."""
        return cls(
            key=card.membership.id,
            number=card.membership.number,
            status=card.membership.status,
            enrolled_on=card.membership.enrolled_on,
            card=card,
            directory=directory,
            now=now,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Membership":
        """The member's own membership. Raises Forbidden for somebody else's."""
        context, wanted = info.context, key_of("Membership", id)
        found = next((card for card in await context.own_cards() if card.membership.id == wanted), None)
        if found is None:
            raise Forbidden("That is not a membership of yours.")
        return cls.of(found, await context.directory(), context.database.clock.now())

    @strawberry.field
    def program(self) -> Program:
        """The program it belongs to."""
        return Program.of(self._program, self.directory)

    @strawberry.field
    def tier(self) -> Tier | None:
        """The member's tier."""
        found = self._program.tier(self.card.membership.tier)
        return Tier.of(found) if found else None

    @strawberry.field
    def balance(self) -> Amount | None:
        """All points, those set aside and those not yet available included; null where `brandBalance` tells them."""
        return None if self._program.booked_by_brand else amount(self.card.balance.net_credit, self._program.scale)

    @strawberry.field
    def spendable(self) -> Amount | None:
        """Points that can be used now; null where `brandBalance` tells them."""
        return None if self._program.booked_by_brand else amount(self.card.spendable(self.now), self._program.scale)

    @strawberry.field
    async def brand_balance(self, info: Info) -> BrandBalanceResult | None:
        """Points in the brand's own books, asked for now; null where the network keeps the points itself."""
        if not self._program.booked_by_brand:
            return None
        return await info.context.services.brand_balances.of(self.card.membership, self._program)

    @strawberry.field
    def expires_next(self) -> Expiring | None:
        """What expires next; null when nothing does."""
        return _soonest(self.card.lots, self._program)

    @property
    def _program(self) -> brands.Program:
        return self.directory.programs[self.card.membership.program_id]


def _soonest(lots: Sequence[Lot], program: brands.Program) -> Expiring | None:
    by_instant: Counter[datetime] = Counter()
    for lot in lots:
        if lot.expires_at:
            by_instant[lot.expires_at] += lot.remaining
    if not by_instant:
        return None
    soonest = min(by_instant)
    last_day = (soonest.astimezone(ZoneInfo(program.time_zone)) - timedelta(microseconds=1)).date()
    return Expiring(amount=amount(by_instant[soonest], program.scale), on=last_day)
