"""A brand on a real socket, and a caller who knows its key."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from adapters.simulator.books import Member
from adapters.simulator.brand import BrandSimulator
from adapters.simulator.terms import Terms

NOON = datetime(2026, 1, 15, 4, tzinfo=UTC)
MEMBERS = (Member("1", 1_000_000, tier="gold"), Member("2", last_name="Surname"), Member("3", 500, blocked=True))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str | None:
        """The code of a refusal."""
        return self.body["errors"][0]["code"] if isinstance(self.body, dict) and self.body.get("errors") else None


@dataclass(slots=True)
class Caller:
    """Somebody who asks the brand."""

    brand: BrandSimulator
    url: str
    session: aiohttp.ClientSession

    async def send(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Answer:
        """One request; paths without a leading slash are below the program's place."""
        place = path if path.startswith("/") else f"/v1/lps/{self.brand.terms.program}/{path}"
        headers = {"Authorization": f"Bearer {self.brand.terms.key if key is None else key}"}
        async with self.session.request(method, self.url + place, json=body, headers=headers) as answer:
            is_json = answer.content_type == "application/json"
            return Answer(answer.status, await (answer.json() if is_json else answer.text()), dict(answer.headers))

    async def order(self, what: str, reference: str, amount: Any, **more: Any) -> Answer:
        """A debit, a credit, a hold or what follows one."""
        return await self.send("POST", what, {"reference": reference, "amount": amount, **more})

    async def debit(self, reference: str, amount: Any, number: str = "1") -> Answer:
        """A debit."""
        return await self.order("debits", reference, amount, memberId=number)

    async def credit(self, reference: str, amount: Any, number: str = "1") -> Answer:
        """A credit."""
        return await self.order("credits", reference, amount, memberId=number)

    async def inquire(self, name: str) -> Answer:
        """What became of a reference."""
        return await self.send("GET", f"transactions/{name}")

    def balance(self, number: str = "1") -> int:
        """What the member has, minor units."""
        return self.brand.books.members[number].balance


@pytest.fixture
def terms() -> Terms:
    """Tests that need another brand override this."""
    return Terms()


@pytest.fixture
def brand(terms: Terms) -> BrandSimulator:
    found = BrandSimulator(terms)
    found.clock.stop(NOON)
    found.open_members(*MEMBERS)
    return found


@pytest.fixture
async def caller(brand: BrandSimulator) -> AsyncIterator[Caller]:
    async with brand.serving() as url, aiohttp.ClientSession() as session:
        yield Caller(brand, url, session)
