"""What is wrong with a request's variables, in words for whoever wrote the front end.

graphql-core decides whether they can be used; only when they cannot, this looks at them again. Its own messages are for
people who read Python ("not to be None", "found: {'url': True}") and repeat what was sent, secrets included.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableDefinitionNode,
    is_required_input_field,
    type_from_ast,
)
from graphql.pyutils import did_you_mean, suggestion_list

from schema.errors import BadInput

MISTAKES_MAX: Final = 20
"""Of one request that are told."""
_DEPTH_MAX: Final = 40
_NAME_MAX: Final = 60
"""Characters of a client's own word that are repeated."""

Place: TypeAlias = tuple[str | int, ...]

ASKED_FOR: Final[Mapping[str, str]] = MappingProxyType(
    {
        "String": "a text",
        "Int": "a whole number between -2147483648 and 2147483647",
        "Float": "a number",
        "Boolean": "true or false",
        "ID": "an id, as a text",
        "Amount": 'a decimal number in a text, such as "1250.00"',
        "Date": 'a day in a text, such as "2026-01-15"',
        "DateTime": 'an instant in a text, such as "2026-01-15T04:00:00Z"',
    }
)
"""What the graph's scalars are, by name."""


@dataclass(frozen=True, slots=True)
class _Mistake:
    place: Place
    """Below the variable."""
    sentence: str
    """What the message says of the place."""
    expected: str
    """The type."""


def explained(
    schema: GraphQLSchema,
    document: DocumentNode,
    name: str | None,
    variables: Mapping[str, Any],
    found: Sequence[GraphQLError],
    *,
    hide_names: bool,
) -> list[GraphQLError]:
    """`found`, graphql-core's errors before an operation ran, in our words where they are about its variables."""
    told = list(islice(_mistakes(schema, document, name, variables, hide_names=hide_names), MISTAKES_MAX))
    return told or list(found)


def _mistakes(
    schema: GraphQLSchema, document: DocumentNode, name: str | None, variables: Mapping[str, Any], *, hide_names: bool
) -> Iterator[GraphQLError]:
    for definition in _definitions(document, name):
        graphql_type = type_from_ast(schema, definition.type)
        variable = definition.variable.name.value
        if graphql_type is None or (variable not in variables and definition.default_value):
            continue
        for mistake in _Reader(hide_names=hide_names).read(variables, variable, graphql_type):
            yield _error(variable, mistake, definition)


def _definitions(document: DocumentNode, name: str | None) -> Sequence[VariableDefinitionNode]:
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode) and (name is None or (node.name and node.name.value == name)):
            return node.variable_definitions or ()
    return ()


def _error(variable: str, mistake: _Mistake, definition: VariableDefinitionNode) -> GraphQLError:
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in mistake.place)
    error = BadInput(
        f"Variable '${variable}{place}' {mistake.sentence}",
        variable=variable,
        path=list(mistake.place),
        expected=mistake.expected,
    )
    return GraphQLError(error.message, definition, extensions=error.extensions)


@dataclass(frozen=True, slots=True)
class _Reader:
    hide_names: bool
    """Whether the schema's own names are kept to ourselves."""

    def read(self, holder: Mapping[str, Any], name: str, graphql_type: Any) -> Iterator[_Mistake]:
        """The mistakes of one variable."""
        if name in holder:
            yield from self._value(holder[name], graphql_type, ())
        elif isinstance(graphql_type, GraphQLNonNull):
            yield _missing((), graphql_type)

    def _value(self, value: Any, graphql_type: Any, place: Place) -> Iterator[_Mistake]:
        if len(place) > _DEPTH_MAX:
            yield _Mistake(place, "is nested too deeply.", str(graphql_type))
        elif value is None:
            if isinstance(graphql_type, GraphQLNonNull):
                yield _Mistake(place, f"must not be null; {graphql_type} is required.", str(graphql_type))
        else:
            yield from self._something(value, getattr(graphql_type, "of_type", graphql_type), graphql_type, place)

    def _something(self, value: Any, inner: Any, graphql_type: Any, place: Place) -> Iterator[_Mistake]:
        if isinstance(graphql_type, GraphQLList):
            yield from self._list(value, inner, place)
        elif isinstance(graphql_type, GraphQLNonNull):
            yield from self._value(value, inner, place)
        elif isinstance(graphql_type, GraphQLInputObjectType):
            yield from self._object(value, graphql_type, place)
        else:
            yield from self._leaf(value, graphql_type, place)

    def _list(self, value: Any, item_type: GraphQLInputType, place: Place) -> Iterator[_Mistake]:
        if not isinstance(value, list):  # one thing stands for a list of it
            yield from self._value(value, item_type, place)
            return
        for index, item in enumerate(value):
            yield from self._value(item, item_type, (*place, index))

    def _object(self, value: Any, graphql_type: GraphQLInputObjectType, place: Place) -> Iterator[_Mistake]:
        if not isinstance(value, dict):
            sentence = f"must be an object ({graphql_type.name}), not {_kind(value)}."
            yield _Mistake(place, sentence, graphql_type.name)
            return
        for name, field in graphql_type.fields.items():
            if name in value:
                yield from self._value(value[name], field.type, (*place, name))
            elif is_required_input_field(field):
                yield _missing((*place, name), field.type)
        for name in value.keys() - graphql_type.fields.keys():
            yield self._unknown((*place, name[:_NAME_MAX]), name, graphql_type)

    def _unknown(self, place: Place, name: str, graphql_type: GraphQLInputObjectType) -> _Mistake:
        guess = "" if self.hide_names else did_you_mean(suggestion_list(name, list(graphql_type.fields)))
        return _Mistake(place, f"is not a field of {graphql_type.name}.{guess}", graphql_type.name)

    def _leaf(self, value: Any, graphql_type: Any, place: Place) -> Iterator[_Mistake]:
        try:
            graphql_type.parse_value(value)
        except Exception:  # noqa: BLE001 - whatever it says, it cannot be used
            sentence = f"must be {self._asked_for(graphql_type)}, not {_kind(value)}."
            yield _Mistake(place, sentence, graphql_type.name)

    def _asked_for(self, graphql_type: GraphQLNamedType) -> str:
        if isinstance(graphql_type, GraphQLEnumType):
            names = "" if self.hide_names else ": " + ", ".join(graphql_type.values)
            return f"one of the names of {graphql_type.name}{names}"
        return f"{ASKED_FOR.get(graphql_type.name, 'one')} ({graphql_type.name})"


def _missing(place: Place, graphql_type: object) -> _Mistake:
    return _Mistake(place, f"is missing; {graphql_type} is required.", str(graphql_type))


def _kind(value: Any) -> str:
    """What a value is in JSON; short ones are repeated."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value}" if len(str(value)) <= _NAME_MAX else "a number so long"
    if isinstance(value, str):
        return "this text"
    return "a list" if isinstance(value, list) else "an object"
