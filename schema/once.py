"""Reading a thing once per request."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Once(Generic[Value]):
    """Something a request needs in many places and reads once; those who ask meanwhile wait for the same answer."""

    def __init__(self, read: Callable[[], Awaitable[Value]]) -> None:
        self._read = read
        self._reading: asyncio.Future[Value] | None = None

    async def __call__(self) -> Value:
        """The value."""
        if self._reading is None:
            self._reading = asyncio.ensure_future(self._read())
        return await self._reading
