"""Brands."""

from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import federation

import brands
from schema.ids import key_of
from schema.nodes import Node

if TYPE_CHECKING:
    from schema.context import Info
    from schema.program import Program

strawberry.enum(brands.BrandKind)


@federation.type(keys=["id"])
class Brand(Node):
    """A node of the tree of brands: group, brand, dealer, store."""

    code: str
    name: str
    name_zh: str
    kind: brands.BrandKind
    closed: bool
    """A closed brand serves nobody any more; its history stays."""
    value: strawberry.Private[brands.Brand]
    directory: strawberry.Private[brands.Directory]

    @classmethod
    def of(cls, value: brands.Brand, directory: brands.Directory) -> "Brand":
        """As the graph shows it."""
        return cls(
            key=value.id,
            code=value.code,
            name=value.name,
            name_zh=value.name_zh,
            kind=value.kind,
            closed=value.closed,
            value=value,
            directory=directory,
        )

    @classmethod
    async def resolve_reference(cls, info: "Info", id: strawberry.ID) -> "Brand | None":
        """The brand that another subgraph refers to."""
        directory = await info.context.directory()
        found = directory.brands.get(key_of("Brand", id))
        return cls.of(found, directory) if found else None

    @strawberry.field
    def parent(self) -> "Brand | None":
        """The brand above it."""
        parent_id = self.value.parent_id
        return Brand.of(self.directory.brands[parent_id], self.directory) if parent_id else None

    @strawberry.field
    def programs(self) -> list[Annotated["Program", strawberry.lazy("schema.program")]]:
        """The programs of the brand and of everything below it."""
        from schema.program import Program  # noqa: PLC0415 - the two refer to each other

        return [Program.of(program, self.directory) for program in self.directory.programs_of(self.value.id)]
