"""Shorter ways to the values: strawberry prepares arguments and an info object for each field, needed or not.

- A field that is an attribute is read as one; a method that takes nothing but `self` is called with nothing else.
- The type of a member of a union or an interface is found by its class; strawberry tries one after the other.
- The name of an enum's member is looked up; strawberry compares it with each.

What is returned is not checked again at run time: mypy has.
"""

import inspect
from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLFieldResolver,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    is_abstract_type,
)
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField

from schema.plain import Plain

_KEY = "strawberry-definition"


def shorten(schema: GraphQLSchema) -> None:
    """Give fields, abstract types and enums their short ways."""
    objects = [found for found in schema.type_map.values() if isinstance(found, GraphQLObjectType)]
    names = {found.extensions[_KEY].origin: found.name for found in objects if _is_ours(found)}
    for graphql_type in schema.type_map.values():
        if is_abstract_type(graphql_type):
            graphql_type.resolve_type = _by_class(names)
        if isinstance(graphql_type, GraphQLEnumType):
            _shorten_enum(graphql_type)
    for found in objects:
        _shorten_object(found)


def _is_ours(found: GraphQLObjectType) -> bool:
    return isinstance(found.extensions.get(_KEY), StrawberryObjectDefinition)


def _by_class(names: Mapping[type, str]) -> Any:
    def resolve_type(value: Any, info: GraphQLResolveInfo[Any], abstract: Any) -> str:
        del info, abstract
        return names[type(value)]

    return resolve_type


def _shorten_enum(graphql_type: GraphQLEnumType) -> None:
    definition = graphql_type.extensions.get(_KEY)
    if isinstance(definition, StrawberryEnumDefinition):
        members: Any = definition.wrapped_cls
        names = {member: member.name for member in members}
        setattr(graphql_type, "coerce_output_value", names.__getitem__)  # noqa: B010 - it shadows the method


def _shorten_object(found: GraphQLObjectType) -> None:
    if _is_ours(found):
        found.is_type_of = None
    for field in found.fields.values():
        _shorten_field(field)


def _shorten_field(field: GraphQLField) -> None:
    found = field.extensions.get(_KEY)
    if not isinstance(found, StrawberryField) or found.extensions:
        return
    if found.base_resolver is None:
        field.resolve = Plain(attrgetter(found.python_name))
        return
    function: Any = found.base_resolver.wrapped_func
    if list(inspect.signature(function).parameters) == ["self"]:
        field.resolve = _method(function) if inspect.iscoroutinefunction(function) else Plain(function)


def _method(function: Any) -> GraphQLFieldResolver:
    def resolve(source: Any, info: GraphQLResolveInfo[Any], /) -> Any:
        del info
        return function(source)

    return resolve
