"""Descriptions in the graph are the docstrings in the code: of classes, resolvers and, below them, attributes."""

import ast
import inspect
import sys
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import Any

from graphql import GraphQLEnumType, GraphQLNamedType, GraphQLSchema
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField

_KEY = "strawberry-definition"


def describe(schema: GraphQLSchema) -> None:
    """Give every type, field and enum value of ours its docstring, unless it has a description."""
    for graphql_type in schema.type_map.values():
        definition = graphql_type.extensions.get(_KEY)
        if isinstance(definition, StrawberryObjectDefinition):
            _describe_type(graphql_type, definition.origin)
            _describe_fields(getattr(graphql_type, "fields", {}), definition.origin)
        if isinstance(definition, StrawberryEnumDefinition) and isinstance(graphql_type, GraphQLEnumType):
            _describe_type(graphql_type, definition.wrapped_cls)
            _describe_values(graphql_type, definition.wrapped_cls)


def _describe_type(graphql_type: GraphQLNamedType, origin: type) -> None:
    graphql_type.description = graphql_type.description or _own_docstring(origin)


def _own_docstring(origin: type) -> str | None:
    # A dataclass without a docstring gets its signature as one, and the router's Query is made of two classes.
    texts = ((cls.__name__, inspect.cleandoc(cls.__dict__.get("__doc__") or "")) for cls in origin.__mro__)
    return next((text for name, text in texts if text and not text.startswith(f"{name}(")), None)


def _describe_fields(fields: Mapping[str, Any], origin: type) -> None:
    for field in fields.values():
        found = field.extensions.get(_KEY)
        if isinstance(found, StrawberryField):
            field.description = field.description or _field_docstring(found, origin)


def _field_docstring(field: StrawberryField, origin: type) -> str | None:
    if field.base_resolver:
        return inspect.getdoc(field.base_resolver.wrapped_func)
    return next(
        (texts[field.python_name] for cls in origin.__mro__ if field.python_name in (texts := _attributes(cls))), None
    )


def _describe_values(graphql_type: GraphQLEnumType, origin: type) -> None:
    texts = _attributes(origin)
    for name, value in graphql_type.values.items():
        value.description = value.description or texts.get(name)


@cache
def _attributes(origin: type) -> Mapping[str, str]:
    """The texts that stand below the attributes of a class."""
    if origin.__module__.partition(".")[0] in {"builtins", "strawberry", "enum", "typing", "abc"}:
        return {}
    body = _classes(origin.__module__)[origin.__name__].body
    return {name: text for above, below in pairwise(body) if (name := _assigned(above)) and (text := _text(below))}


@cache
def _classes(module: str) -> Mapping[str, ast.ClassDef]:
    """The classes of a module by name. `inspect.getsource` reads the whole file anew for each of them."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}


def _assigned(node: ast.stmt) -> str | None:
    target = (
        node.target if isinstance(node, ast.AnnAssign) else node.targets[0] if isinstance(node, ast.Assign) else None
    )
    return target.id if isinstance(target, ast.Name) else None


def _text(node: ast.stmt) -> str | None:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return inspect.cleandoc(node.value.value)
    return None
