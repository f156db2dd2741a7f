"""Members."""

import strawberry
from strawberry import federation

from schema.context import Info
from schema.errors import Forbidden
from schema.ids import key_of
from schema.membership import Membership
from schema.nodes import Node
from schema.right import Grant
from schema.scopes import Scope


@strawberry.type
class Display:
    """What the network knows about a person, masked: enough to recognise it, too little to be worth stealing."""

    name: str
    phone: str
    email: str


@federation.type(keys=["id"], requires_scopes=[[Scope.WALLET_READ]])
class Member(Node):
    """A person, with everything they hold anywhere on the network."""

    @classmethod
    def me(cls, info: Info) -> "Member":
        """The member whose token it is."""
        return cls(key=info.context.viewer.member_id)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Member":
        """The member whose token it is. Raises Forbidden for anybody else."""
        if key_of("Member", id) != info.context.viewer.member_id:
            raise Forbidden("That is somebody else.")
        return cls.me(info)

    @strawberry.field
    async def memberships(self, info: Info) -> list[Membership]:
        """The member's cards, the oldest first."""
        context = info.context
        cards, directory = await context.own_cards(), await context.directory()
        now = context.database.clock.now()
        return [Membership.of(card, directory, now) for card in cards]

    @strawberry.field
    async def rights(self, info: Info, *, usable_only: bool = True) -> list[Grant]:
        """The rights the member holds, the oldest first; those that can be used now unless all are asked for."""
        now = info.context.database.clock.now()
        held = await info.context.own_grants()
        directory = await info.context.directory()
        return [Grant.of(grant, directory) for grant in held if not usable_only or grant.usable(now)]

    @strawberry.field
    async def display(self, info: Info) -> Display | None:
        """Name, phone and email, masked; null when nothing is known."""
        found = await info.context.own_display()
        return Display(name=found.name, phone=found.phone, email=found.email) if found else None
