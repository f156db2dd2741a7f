"""Memberships: a member's cards, and the points on them."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import strawberry
from strawberry import federation

import brands
import members
from brands.accounts import points_account
from ledger import Lot
from schema.context import Info
from schema.errors import Forbidden
from schema.ids import global_id, key_of
from schema.nodes import Node
from schema.program import Program, Tier
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
    value: strawberry.Private[members.Membership]
    directory: strawberry.Private[brands.Directory]
    account_id: strawberry.Private[UUID]

    @classmethod
    def of(cls, value: members.Membership, directory: brands.Directory) -> "Membership":
        """As the graph shows it."""
        return cls(
            id=global_id("Membership", value.id),
            number=value.number,
            status=value.status,
            enrolled_on=value.enrolled_on,
            value=value,
            directory=directory,
            account_id=points_account(value.id, directory.programs[value.program_id]).id,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Membership | None":
        """The member's own membership. Raises Forbidden for somebody else's."""
        own = await info.context.own_memberships()
        wanted = key_of("Membership", id)
        found = next((membership for membership in own if membership.id == wanted), None)
        if found is None:
            raise Forbidden("That is not a membership of yours.")
        return cls.of(found, await info.context.directory())

    @strawberry.field
    def program(self) -> Program:
        """The program it belongs to."""
        return Program.of(self._program, self.directory)

    @strawberry.field
    def tier(self) -> Tier | None:
        """The member's tier."""
        found = self._program.tier(self.value.tier)
        return Tier.of(found) if found else None

    @strawberry.field
    async def balance(self, info: Info) -> Amount:
        """All points, those set aside and those not yet available included."""
        found = await info.context.loaders.balances.load(self.account_id)
        return amount(found.net_credit, self._program.scale)

    @strawberry.field
    async def spendable(self, info: Info) -> Amount:
        """Points that can be used now."""
        return amount(await info.context.loaders.spendable.load(self.account_id), self._program.scale)

    @strawberry.field
    async def expires_next(self, info: Info) -> Expiring | None:
        """What expires next; null when nothing does."""
        lots = await info.context.loaders.lots.load(self.account_id)
        return _soonest(lots, self._program)

    @property
    def _program(self) -> brands.Program:
        return self.directory.programs[self.value.program_id]


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
