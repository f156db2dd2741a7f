"""`POST /brands/<PROGRAM>/events`: what brands' own systems tell by webhook.

204: understood, whether or not anything waited for it. 401: not signed by the brand, or too old. 400: not understood.
404: no such program, or none that sends webhooks. The same event may come any number of times.
"""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

import brands
import members
from brands import Program
from core.database import Database
from exchange.brand_system import BrandEvent, BrandSystems, Failed, Failure
from exchange.saga.hurrying import hurry
from gateway.bodies import read_body
from members.ports import Outbox

BODY_BYTES_MAX: Final = 262_144

_STATUSES: Final = {Failure.AUTH: 401, Failure.UNSUPPORTED: 404}


class BrandEvents:
    """The door for brands' webhooks."""

    def __init__(self, database: Database, systems: BrandSystems, outbox: Outbox) -> None:
        self._database = database
        self._systems = systems
        self._outbox = outbox

    async def answer(self, request: Request) -> Response:
        """Take one event in. Raises HTTPException."""
        program = await self._program(request.path_params["program"])
        body = await read_body(request, BODY_BYTES_MAX)
        event = await self._systems.of(program).parse_webhook(dict(request.headers), body)
        if isinstance(event, Failed):
            # The reason may hold where a secret would stand: it is for us, not for whoever knocks.
            raise HTTPException(_STATUSES.get(event.failure, 400), "The event is not accepted.")
        await self._follow(program, event)
        return Response(status_code=204)

    async def _program(self, code: str) -> Program:
        async with self._database.connection() as connection:
            found = (await brands.directory(connection)).program(code)
        if found is None or found.adapter.webhook is None:
            raise HTTPException(404, "Nobody is told events here.")
        return found

    async def _follow(self, program: Program, event: BrandEvent) -> None:
        if event.reference is not None and event.answer is not None:
            await hurry(self._database, program, event.reference)
        if event.number is not None and event.tier is not None:
            await members.change_tier(self._database, program, event.number, event.tier, outbox=self._outbox)
