"""Declaring root fields: what they need is said once, where they are defined.

@needs(Scope.WALLET_READ)                                    one of these scopes
@needs(brands.Scope.STATEMENTS_READ, Scope.SETTLEMENT_READ)
@open_to_all                                                 no token
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar, cast

import strawberry
from strawberry import federation

Resolver = TypeVar("Resolver", bound=Callable[..., Any])

OPEN: Mapping[str, Any] = MappingProxyType({"open": True})
"""The metadata of a field that needs no token."""


def needs(*scopes: str) -> Callable[[Resolver], Resolver]:
    """A field that any one of `scopes` opens; printed as `@requiresScopes` and enforced by `schema.guards`."""

    def declare(resolver: Resolver) -> Resolver:
        return cast("Resolver", federation.field(resolver=resolver, requires_scopes=[[scope] for scope in scopes]))

    return declare


def open_to_all(resolver: Resolver) -> Resolver:
    """A field that needs no token."""
    return cast("Resolver", strawberry.field(resolver=resolver, metadata=OPEN))
