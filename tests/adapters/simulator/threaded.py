"""A brand in a thread of its own, for commands that have an event loop of their own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from adapters.simulator.brand import BrandSimulator
from adapters.simulator.nightly import NightClerk


@contextmanager
def threaded(brand: BrandSimulator) -> Iterator[str]:
    """Serve until the end of the block; the URL."""
    served, loop = threading.Event(), asyncio.new_event_loop()
    done, urls = asyncio.Event(), list[str]()

    async def serve() -> None:
        async with brand.serving() as url:
            urls.append(url)
            served.set()
            await done.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    served.wait(10)
    try:
        yield urls[0]
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()
        loop.close()


@contextmanager
def answering(clerk: NightClerk) -> Iterator[None]:
    """Answer every nightly file as soon as it lies there, until the end of the block."""
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(0.02):
            clerk.work()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
