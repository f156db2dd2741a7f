"""Loyalty programs."""

import strawberry
from strawberry import federation

import brands
from schema.brand import Brand
from schema.context import Info
from schema.ids import key_of
from schema.nodes import Node
from schema.refusals import amount
from schema.scalars import Amount


@strawberry.type
class Tier:
    """A tier of a program."""

    code: str
    name: str
    name_zh: str
    level: int
    """The rung of the common ladder, from 1: member, silver, gold, platinum, diamond."""

    @classmethod
    def of(cls, value: brands.Tier) -> "Tier":
        """As the graph shows it."""
        return cls(code=value.code, name=value.name, name_zh=value.name_zh, level=value.level)


@strawberry.type
class ExchangeLimits:
    """What one exchange, and one member's exchanges in a period of the program's time zone, may take out of it."""

    amount_min: Amount
    amount_max: Amount
    amount_step: Amount
    """Amounts are multiples of it."""
    member_day_max: Amount
    member_month_max: Amount | None
    """Null: no limit."""
    member_year_max: Amount | None
    """Null: no limit."""
    cooling_off_hours: int
    """How long nothing is exchanged after an identity of the member was linked or changed."""


@federation.type(keys=["id"])
class Program(Node):
    """A loyalty program."""

    code: str
    name: str
    name_zh: str
    decimals: int
    """Of its points."""
    time_zone: str
    """In which its days begin and end."""
    value: strawberry.Private[brands.Program]
    directory: strawberry.Private[brands.Directory]

    @classmethod
    def of(cls, value: brands.Program, directory: brands.Directory) -> "Program":
        """As the graph shows it."""
        return cls(
            key=value.id,
            code=value.code,
            name=value.name,
            name_zh=value.name_zh,
            decimals=value.scale,
            time_zone=value.time_zone,
            value=value,
            directory=directory,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Program | None":
        """The program that another subgraph refers to."""
        directory = await info.context.directory()
        found = directory.programs.get(key_of("Program", id))
        return cls.of(found, directory) if found else None

    @strawberry.field
    def brand(self) -> Brand:
        """The brand that runs it."""
        return Brand.of(self.directory.brands[self.value.brand_id], self.directory)

    @strawberry.field
    def tiers(self) -> list[Tier]:
        """From the entry tier upwards."""
        return [Tier.of(tier) for tier in self.value.tiers]

    @strawberry.field
    def exchange_limits(self) -> ExchangeLimits:
        """What an exchange out of it may take."""
        limits, scale = self.value.limits, self.value.scale
        return ExchangeLimits(
            amount_min=amount(limits.amount_min, scale),
            amount_max=amount(limits.amount_max, scale),
            amount_step=amount(limits.amount_step, scale),
            member_day_max=amount(limits.member_day_max, scale),
            member_month_max=None if limits.member_month_max is None else amount(limits.member_month_max, scale),
            member_year_max=None if limits.member_year_max is None else amount(limits.member_year_max, scale),
            cooling_off_hours=limits.cooling_off_hours,
        )
