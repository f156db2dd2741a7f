"""What anybody may look at: brands, programs and rights, and whatever has an id."""

from typing import Any

import strawberry

from schema.brand import Brand
from schema.context import Info
from schema.errors import NotFound
from schema.exchange import Exchange
from schema.fields import open_to_all
from schema.guards import directive_scopes
from schema.ids import parse_global_id
from schema.member import Member
from schema.membership import Membership
from schema.movement_batch import MovementBatch
from schema.nodes import Node
from schema.program import Program
from schema.right import Grant, Right
from schema.webhook import WebhookEndpoint
from schema.window import Window

NODES: dict[str, Any] = {
    node.__name__: node
    for node in (Brand, Exchange, Grant, Member, Membership, MovementBatch, Program, Right, WebhookEndpoint, Window)
}
"""Everything that has an id, by the name in the id."""


@strawberry.type
class CatalogueQuery:
    """The network, as anybody may see it."""

    @open_to_all
    async def programs(self, info: Info) -> list[Program]:
        """All programs, by code."""
        directory = await info.context.directory()
        found = sorted(directory.programs.values(), key=lambda program: program.code)
        return [Program.of(program, directory) for program in found]

    @open_to_all
    async def rights(self, info: Info) -> list[Right]:
        """All listed rights, by code."""
        directory = await info.context.directory()
        found = sorted(directory.rights.values(), key=lambda right: right.code)
        return [Right.of(right, directory) for right in found]

    @open_to_all
    async def brand(self, info: Info, code: str) -> Brand | None:
        """A brand by its code."""
        directory = await info.context.directory()
        found = directory.brand(code)
        return Brand.of(found, directory) if found else None

    @open_to_all
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:
        """Whatever has this id, where the token may see it."""
        found: Node | None = await resolve_node(info, parse_global_id(id)[0], id)
        return found


async def resolve_node(info: Info, type_name: str, node_id: strawberry.ID) -> Any:
    """The node of a type, by its id, when the token carries the scopes that the type's own directive names."""
    found = NODES.get(type_name)
    if found is None:
        raise NotFound("There is no such type of node.")
    needed = directive_scopes(found.__strawberry_definition__.directives)
    if needed:
        info.context.viewer.require(needed)
    return await found.resolve_reference(info, node_id)
