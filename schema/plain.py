"""Resolvers that read and do nothing else: an executor that knows them may call `read` by itself."""

from collections.abc import Callable
from typing import Any, Final


class Plain:
    """A resolver that needs its source only, waits for nothing and returns a value, never an exception."""

    __slots__ = ("read",)

    def __init__(self, read: Callable[[Any], Any]) -> None:
        self.read: Final = read

    def __call__(self, source: Any, info: Any, /) -> Any:
        """As graphql-core calls resolvers."""
        del info
        return self.read(source)
