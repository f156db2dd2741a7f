"""Whether this process lives, and whether it can serve."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from core.database import Database
from core.faults import Fault, fault_of
from exchange.saga.breaker import BreakerState
from exchange.saga.guard_reports import brand_guards
from gateway.answers import json_response

READY_SECONDS = 2.0


async def live(request: Request) -> Response:
    """The process answers. Nothing else is looked at."""
    del request
    return json_response({"status": "live"})


class Ready:
    """Whether the database answers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def answer(self, request: Request) -> Response:
        """200 or 503."""
        del request
        ready = await self._answers()
        body = {"status": "ready" if ready else "unavailable", "database": "answers" if ready else "silent"}
        if ready:
            # They are waited for by workers; whoever asks us is served all the same.
            body |= await self._silent_brands()
        return json_response(body, status=200 if ready else 503)

    async def _silent_brands(self) -> dict[str, str]:
        async with self._database.connection() as connection:
            guards = await brand_guards(connection)
        silent = {it.report.program: it.report.reason for it in guards if it.report.state is not BreakerState.CLOSED}
        if not silent:
            return {}
        why = " ".join(f"{program}: {reason}" for program, reason in sorted(silent.items()) if reason)
        return {"silent_brands": " ".join(sorted(silent)), "silent_because": why}

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(READY_SECONDS), self._database.connection() as connection:
                return bool(await connection.fetchval("SELECT true"))
        except Exception as exception:
            if fault_of(exception) is not Fault.MACHINERY:
                raise
            return False
