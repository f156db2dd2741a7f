"""PostgreSQL and Python at work at the same time: a query is sent, and what needs no answer is done meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")


async def sent(query: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """A task whose query is on its way. The connection is its own until it has ended: `ended`."""
    task = asyncio.create_task(query)
    try:
        for _ in ("the task sends", "the event loop writes to the socket"):
            await asyncio.sleep(0)
    except asyncio.CancelledError:
        await ended(task)
        raise
    return task


async def ended(task: asyncio.Task[Any]) -> None:
    """Give a query up, if it is still under way, and wait until the connection is free.

    What came of it is not told: there is a reason already why nobody asks any more.
    """
    if task.cancel():
        await asyncio.gather(task, return_exceptions=True)
    elif not task.cancelled():
        task.exception()


async def undisturbed(query: Coroutine[Any, Any, Any]) -> None:
    """Run a query to its end, however often its caller is cancelled meanwhile. What came of it is not told."""
    task, cancelled = asyncio.create_task(query), False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            cancelled = True
    await ended(task)
    if cancelled:
        raise asyncio.CancelledError


@asynccontextmanager
async def under_way(query: Coroutine[Any, Any, T]) -> AsyncIterator[asyncio.Task[T]]:
    """Do what is in the block while the query runs; at its end the query has ended."""
    task = await sent(query)
    try:
        yield task
    finally:
        await ended(task)
