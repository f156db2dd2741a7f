"""The steps of a window, all called in one way."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

from core.database import Database
from settlement import (
    Advice,
    Status,
    WindowNotFound,
    advise,
    approve,
    close,
    net,
    overview,
    reconcile,
    submit,
)
from settlement.cash import Instructed, instruct
from tests.settlement.trade import CHECKER, MAKER

Step = Callable[[Database, UUID, Path], Awaitable[object]]


async def _close(database: Database, window_id: UUID, _: Path) -> object:
    return await close(database, MAKER, window_id=window_id)


async def _reconcile(database: Database, window_id: UUID, _: Path) -> object:
    return await reconcile(database, window_id, MAKER)


async def _net(database: Database, window_id: UUID, _: Path) -> object:
    return await net(database, window_id, MAKER)


async def _submit(database: Database, window_id: UUID, _: Path) -> object:
    return await submit(database, window_id, MAKER)


async def _approve(database: Database, window_id: UUID, _: Path) -> object:
    found = await overview(database, window_id)
    digest = "0" * 64 if isinstance(found, WindowNotFound) else found.figures.digest
    return await approve(database, window_id, CHECKER, digest=digest, reason="compared")


async def _advise(database: Database, window_id: UUID, folder: Path) -> object:
    answer = await advise(database, window_id, MAKER, folder=folder)
    return answer.window if isinstance(answer, Advice) else answer


async def _instruct(database: Database, window_id: UUID, folder: Path) -> object:
    answer = await instruct(database, window_id, MAKER, folder=folder)
    return answer.window if isinstance(answer, Instructed) else answer


STEPS: dict[Status, Step] = {
    Status.CLOSED: _close,
    Status.RECONCILED: _reconcile,
    Status.NETTED: _net,
    Status.SUBMITTED: _submit,
    Status.APPROVED: _approve,
    Status.ADVISED: _advise,
    Status.INSTRUCTED: _instruct,
}
"""The step that leads to each status, in order."""
