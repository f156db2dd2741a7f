"""What a client of Agio needs: tokens, and a POST that asks the graph."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import aiohttp

Json = dict[str, Any]
READY_POLL_SECONDS = 0.03


class JourneyFailed(Exception):
    """Agio answered something that the journey did not expect."""


@dataclass(frozen=True)
class Api:
    """Agio, as one token sees it."""

    http: aiohttp.ClientSession
    url: str
    token: str = ""

    def with_token(self, token: str) -> "Api":
        """The same Agio for somebody else."""
        return Api(self.http, self.url, token)

    async def wait_until_ready(self, patience_seconds: float) -> None:
        """Wait for the server. Raises JourneyFailed when it does not answer in time."""
        end = time.monotonic() + patience_seconds
        while not await self._is_ready():
            if time.monotonic() > end:
                raise JourneyFailed("no Agio answers at", self.url)
            await asyncio.sleep(READY_POLL_SECONDS)

    async def _is_ready(self) -> bool:
        try:
            async with self.http.get(f"{self.url}/health/ready") as response:
                return response.ok
        except aiohttp.ClientConnectionError:
            return False

    async def ask(self, document: str, **variables: Any) -> Json:
        """The data of one request. Raises JourneyFailed with the errors."""
        answer = await self._post(document, variables)
        if answer.get("errors"):
            raise JourneyFailed(answer["errors"])
        data: Json = answer["data"]
        return data

    async def _post(self, document: str, variables: Json) -> Json:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        body = {"query": document, "variables": variables}
        async with self.http.post(f"{self.url}/graphql", json=body, headers=headers) as response:
            answer: Json = await response.json(content_type=None)
            return answer

    async def do(self, document: str, wanted: str, **variables: Any) -> Json:
        """The one result of a mutation, which must be of the type `wanted`."""
        (result,) = (await self.ask(document, **variables)).values()
        if result["__typename"] != wanted:
            raise JourneyFailed(result)
        found: Json = result
        return found

    async def refused(self, document: str, **variables: Any) -> str:
        """What Agio says to a mutation that it must refuse: as a value, or because the token lacks a scope."""
        answer = await self._post(document, variables)
        if answer.get("errors"):
            return str(answer["errors"][0]["message"])
        (result,) = answer["data"].values()
        if "message" not in result:
            raise JourneyFailed(result)
        return str(result["message"])

    async def log_in(self, client_id: str, secret: str) -> "Api":
        """A brand's system trades its id and secret for a token (OAuth2 client credentials)."""
        form = {"grant_type": "client_credentials"}
        headers = {"Authorization": aiohttp.encode_basic_auth(client_id, secret)}
        async with self.http.post(f"{self.url}/oauth/token", data=form, headers=headers) as response:
            answer: Json = await response.json(content_type=None)
        if "access_token" not in answer:
            raise JourneyFailed(answer)
        return self.with_token(answer["access_token"])
