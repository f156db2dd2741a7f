"""Shorter ways to the values: for each field, strawberry prepares arguments and an info object, needed or not.

A field that is an attribute is read as one; a method that takes nothing but `self` is called with nothing else.
"""

import inspect
from typing import Any

from graphql import GraphQLField, GraphQLFieldResolver, GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema
from strawberry.types.field import StrawberryField


def shorten(schema: GraphQLSchema) -> None:
    """Give every field that needs no arguments its short way."""
    for graphql_type in schema.type_map.values():
        if isinstance(graphql_type, GraphQLObjectType):
            for field in graphql_type.fields.values():
                _shorten(field)


def _shorten(field: GraphQLField) -> None:
    found = field.extensions.get("strawberry-definition")
    if not isinstance(found, StrawberryField) or found.extensions:
        return
    if found.base_resolver is None:
        field.resolve = _attribute(found.python_name)
        return
    function: Any = found.base_resolver.wrapped_func
    if list(inspect.signature(function).parameters) == ["self"]:
        field.resolve = _method(function)


def _attribute(name: str) -> GraphQLFieldResolver:
    def resolve(source: Any, info: GraphQLResolveInfo[Any], /) -> Any:
        del info
        return getattr(source, name)

    return resolve


def _method(function: Any) -> GraphQLFieldResolver:
    def resolve(source: Any, info: GraphQLResolveInfo[Any], /) -> Any:
        del info
        return function(source)

    return resolve
