"""Shorter ways to the values: strawberry prepares arguments and an info object for each field, needed or not.

- A field that is an attribute is read as one; a method that takes nothing but `self` is called with nothing else.
- Arguments get their names and input objects their classes from graphql-core, which walks over them anyway.
- The type of a member of a union or an interface is found by its class; strawberry tries one after the other.
- The name of an enum's member is looked up; strawberry compares it with each.

What is returned is not checked again at run time: mypy has.
"""

import inspect
from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLFieldResolver,
    GraphQLInputField,
    GraphQLInputObjectType,
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
        if isinstance(graphql_type, GraphQLInputObjectType):
            _shorten_input(graphql_type)
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
    if found.is_subscription:
        _shorten_subscription(field, found)
        return
    if found.base_resolver is None:
        field.resolve = Plain(attrgetter(found.python_name))
        return
    function: Any = found.base_resolver.wrapped_func
    needed = set(inspect.signature(function).parameters)
    if needed == {"self"} and not inspect.iscoroutinefunction(function):
        field.resolve = Plain(function)
    elif {"self"} <= needed <= {"self", "info", *map(_python_name, field.args.values())}:
        for argument in field.args.values():
            argument.out_name = _python_name(argument)
        field.resolve = _informed(function) if "info" in needed else _uninformed(function)


def _shorten_subscription(field: GraphQLField, found: StrawberryField) -> None:
    assert found.base_resolver is not None, "a subscription has a generator"
    for argument in field.args.values():
        argument.out_name = _python_name(argument)
    field.subscribe = _informed(found.base_resolver.wrapped_func)


def _shorten_input(found: GraphQLInputObjectType) -> None:
    for field in found.fields.values():
        field.out_name = _python_name(field)
    origin = found.extensions[_KEY].origin
    setattr(found, "out_type", lambda values: origin(**values))  # noqa: B010 - it shadows the method


def _python_name(named: GraphQLArgument | GraphQLInputField) -> str:
    return str(named.extensions[_KEY].python_name)


def _informed(function: Any) -> GraphQLFieldResolver:
    # What resolvers look up in the info is the context, which graphql-core's own has as well as strawberry's.
    def resolve(source: Any, info: GraphQLResolveInfo[Any], /, **arguments: Any) -> Any:
        return function(source, info=info, **arguments)

    return resolve


def _uninformed(function: Any) -> GraphQLFieldResolver:
    def resolve(source: Any, info: GraphQLResolveInfo[Any], /, **arguments: Any) -> Any:
        del info
        return function(source, **arguments)

    return resolve
