"""Rights: what brands list, and what members hold."""

from datetime import datetime

import strawberry
from strawberry import federation

import brands
import rights
from schema.brand import Brand
from schema.context import Info
from schema.errors import Forbidden
from schema.ids import key_of
from schema.nodes import Node
from schema.program import Program
from schema.refusals import amount
from schema.scalars import Amount
from schema.scopes import Scope

strawberry.enum(brands.RightKind)


@strawberry.type
class Price:
    """What a right costs in the points of one program."""

    program: Program
    amount: Amount

    @classmethod
    def of(cls, program: brands.Program, minor: int, directory: brands.Directory) -> "Price":
        """As the graph shows it."""
        return cls(program=Program.of(program, directory), amount=amount(minor, program.scale))


@federation.type(keys=["id"])
class Right(Node):
    """A right that a brand lists and brands honour."""

    code: str
    name: str
    name_zh: str
    kind: brands.RightKind
    uses: int
    """How many times one grant can be redeemed."""
    value: strawberry.Private[brands.Right]
    directory: strawberry.Private[brands.Directory]

    @classmethod
    def of(cls, value: brands.Right, directory: brands.Directory) -> "Right":
        """As the graph shows it."""
        return cls(
            key=value.id,
            code=value.code,
            name=value.name,
            name_zh=value.name_zh,
            kind=value.kind,
            uses=value.uses,
            value=value,
            directory=directory,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Right | None":
        """The right that another subgraph refers to."""
        directory = await info.context.directory()
        found = directory.rights.get(key_of("Right", id))
        return cls.of(found, directory) if found else None

    @strawberry.field
    def issuer(self) -> Brand:
        """The brand that lists it."""
        return Brand.of(self.directory.brands[self.value.issuer_id], self.directory)

    @strawberry.field
    def honoured_by(self) -> list[Brand]:
        """The brands that honour it, each with everything below it."""
        return [Brand.of(self.directory.brands[found], self.directory) for found in self.value.honouring_ids]

    @strawberry.field
    def prices(self) -> list[Price]:
        """What it costs, one of them; empty when it is free."""
        programs = self.directory.programs
        return [Price.of(programs[found], price, self.directory) for found, price in self.value.prices.items()]


@federation.type(keys=["id"], requires_scopes=[[Scope.WALLET_READ]])
class Grant(Node):
    """A right that a member holds."""

    uses: int
    uses_left: int
    granted_at: datetime
    valid_from: datetime
    valid_until: datetime
    """The first instant at which it can no longer be used."""
    value: strawberry.Private[rights.Grant]
    directory: strawberry.Private[brands.Directory]

    @classmethod
    def of(cls, value: rights.Grant, directory: brands.Directory) -> "Grant":
        """As the graph shows it."""
        return cls(
            key=value.id,
            uses=value.uses,
            uses_left=value.uses_left,
            granted_at=value.granted_at,
            valid_from=value.valid_from,
            valid_until=value.valid_until,
            value=value,
            directory=directory,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Grant":
        """The member's own grant. Raises Forbidden for somebody else's."""
        wanted = key_of("Grant", id)
        found = next((grant for grant in await info.context.own_grants() if grant.id == wanted), None)
        if found is None:
            raise Forbidden("That is not a right of yours.")
        return cls.of(found, await info.context.directory())

    @strawberry.field
    def right(self) -> Right:
        """What it is."""
        return Right.of(self.value.right, self.directory)

    @strawberry.field
    def price(self) -> Price | None:
        """What was paid for it; null when it was free."""
        program_id = self.value.price_program_id
        return Price.of(self.directory.programs[program_id], self.value.price, self.directory) if program_id else None
