"""The event loop of every process of ours."""

import asyncio
from collections.abc import Callable
from importlib.util import find_spec


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Makes the quicker loop, where there is one for this system; None: Python's own."""
    if find_spec("uvloop") is None:
        return None
    import uvloop  # noqa: PLC0415 - not on every system

    return uvloop.new_event_loop
