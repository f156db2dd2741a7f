"""What an operation selects on each type, and how each field is taken: worked out once and kept with the document."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

from graphql import (
    GraphQLID,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLString,
    is_leaf_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.collect_fields import CollectedFields, FieldDetails, GroupedFieldSet

from schema.plain import Plain

Read: TypeAlias = Callable[[Any], Any]
"""Takes a value from its source."""


class Step(NamedTuple):
    """One field, and how it is taken."""

    name: str
    """In the answer."""
    details: list[FieldDetails]
    type: GraphQLOutputType
    nullable: bool
    read: Read | None = None
    """None: only graphql-core knows how."""
    serialize: Callable[[Any], Any] | None = None
    """For a scalar or an enum that is read."""
    object_type: GraphQLObjectType | None = None
    """For an object that is read."""


class Selections:
    """What one operation selects, as far as it was needed until now. Only for documents without directives."""

    def __init__(self) -> None:
        self.root: CollectedFields | None = None
        self.below: dict[tuple[GraphQLObjectType, int], tuple[list[FieldDetails], CollectedFields]] = {}
        """As graphql-core keeps them for one execution: by type, and by the identity of the list that leads there."""
        self._steps: dict[int, Sequence[Step]] = {}

    def steps(self, schema: GraphQLSchema, parent_type: GraphQLObjectType, fields: GroupedFieldSet) -> Sequence[Step]:
        """How the fields are taken. They are known by identity: `root` and `below` keep them alive."""
        found = self._steps.get(id(fields))
        if found is None:
            found = self._steps[id(fields)] = [_step(schema, parent_type, *field) for field in fields.items()]
        return found


def _step(schema: GraphQLSchema, parent_type: GraphQLObjectType, name: str, details: list[FieldDetails]) -> Step:
    field_name = details[0].node.name.value
    field = schema.get_field(parent_type, field_name)
    assert field is not None, "a valid document asks for what the schema has"
    nullable = not is_non_null_type(field.type)
    named = field.type.of_type if is_non_null_type(field.type) else field.type
    step = Step(name, details, field.type, nullable)
    if field_name == "__typename":
        return step._replace(read=lambda _: parent_type.name, serialize=str)
    if not isinstance(field.resolve, Plain):
        return step
    if is_leaf_type(named):
        return step._replace(read=field.resolve.read, serialize=_serializer(named))
    if is_object_type(named) and named.is_type_of is None:
        return step._replace(read=field.resolve.read, object_type=named)
    return step


def _serializer(leaf: GraphQLLeafType) -> Callable[[Any], Any]:
    serialize: Callable[[Any], Any] = leaf.coerce_output_value
    if leaf not in {GraphQLString, GraphQLID}:
        return serialize
    return lambda value: value if type(value) is str else serialize(value)
