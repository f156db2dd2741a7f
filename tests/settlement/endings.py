"""Everything that can become of an exchange, one at a time, on a stage with brands outside."""

from collections.abc import Awaitable, Callable
from random import Random

from brands.accounts import points_account
from exchange import Exchange, State
from exchange.brand_system import Failure
from exchange.saga.cases import CaseKind, cases
from exchange.saga.deciding import Action, Proposal, approve, propose
from exchange.saga.reversing import ReversalRequest, reverse
from tests.exchange.saga.stage import Stage
from tests.network import Person

PLENTY = 150_000
CODES = ("HOTEL", "MILES", "RAIL", "FERRY")
ON_THE_PLATFORM = ("HOTEL", "MILES")


async def people(stage: Stage, count: int) -> list[Person]:
    """Members with plenty of points on every card."""
    found = await stage.network.enrol_many(count, {code: PLENTY * (code in ON_THE_PLATFORM) for code in CODES})
    for person in found:
        for code, system in stage.counterparties.systems.items():
            system.balances[person.cards[code].number] = PLENTY
    return found


class Endings:
    """Exchanges of these people, each with an ending by chance."""

    def __init__(self, stage: Stage, of: list[Person], random: Random) -> None:
        self._stage, self._people, self._random = stage, of, random
        self._made = 0
        self.seen: set[str] = set()
        """The endings that there have been."""

    async def one(self) -> None:
        """One exchange, from its acceptance to its end."""
        ending = self._random.choice(ENDINGS)
        self.seen.add(ending.__name__.strip("_"))
        await ending(self)
        await self._stage.wait()

    async def _exchange(self, source: str, target: str) -> Exchange:
        self._made += 1
        amount = 1_000 + 100 * self._random.randrange(5)
        await self._refill(person := self._random.choice(self._people), source)
        return await self._stage.exchange(person, source, target, amount)

    async def _refill(self, person: Person, source: str) -> None:
        """Nobody runs out of points in a long run."""
        if source in ON_THE_PLATFORM:
            program = self._stage.network.program(source)
            await self._stage.network.give([(person.cards[source].id, source, 2_000)])
            assert points_account(person.cards[source].id, program).lots
        else:
            self._stage.counterparties.systems[source].balances[person.cards[source].number] += 2_000

    async def _on_the_platform(self) -> None:
        await self._exchange("HOTEL", "MILES")

    async def _outside(self) -> None:
        await self._exchange("RAIL", "FERRY")

    async def _inwards(self) -> None:
        await self._exchange("FERRY", "HOTEL")

    async def _outwards(self) -> None:
        await self._exchange("MILES", "RAIL")

    async def _refused(self) -> None:
        self._stage.rail.tricks.append(Failure.INELIGIBLE.value)
        made = await self._exchange("RAIL", "FERRY")
        await self._stage.wait_for(made, State.SOURCE_REJECTED)

    async def _refunded(self) -> None:
        self._stage.ferry.tricks.append(Failure.INELIGIBLE.value)
        made = await self._exchange("RAIL", "FERRY")
        await self._stage.wait_for(made, State.REFUNDED)

    async def _late(self) -> None:
        """Given after the refund; sometimes two persons decide on it at once."""
        made = await self._exchange("RAIL", "FERRY")
        self._stage.ferry.standing = "late"
        await self._stage.wait_for(made, State.REFUNDED)
        self._stage.ferry.standing = ""
        ((text, (order, _)),) = self._stage.ferry.pending.items()
        self._stage.ferry.arrive(text, order)
        await self._stage.wait()
        if self._random.random() < 0.6:
            await self._decide(self._random.choice([Action.WRITE_OFF, Action.TAKEN_BACK]))

    async def _decide(self, action: Action) -> None:
        async with self._stage.database.connection() as connection:
            found = [case for case in await cases(connection) if case.kind is CaseKind.LATE_SUCCESS]
        for case in found[:1]:
            proposed = await propose(self._stage.database, case.id, action, subject="lin.wei", reason="seen")
            assert isinstance(proposed, Proposal), proposed
            digest = proposed.digest
            await approve(self._stage.database, case.id, subject="chen.yu", digest=digest, reason="seen too")

    async def _reversed(self) -> None:
        await self._reverse(await self._exchange("HOTEL", "MILES"), None)

    async def _partly_reversed(self) -> None:
        await self._reverse(await self._exchange("HOTEL", "MILES"), 1 + self._random.randrange(300))

    async def _reversed_outside(self) -> None:
        made = await self._exchange("RAIL", "FERRY")
        await self._stage.wait()
        await self._reverse(made, self._random.choice([None, 1 + self._random.randrange(300)]))

    async def _reverse(self, made: Exchange, amount: int | None) -> None:
        request = ReversalRequest(made.id, "airline-desk", f"key {self._made}", "a mistake", amount)
        await reverse(self._stage.database, request)


ENDINGS: list[Callable[[Endings], Awaitable[None]]] = [
    *[Endings._on_the_platform] * 8,
    *[Endings._outside, Endings._inwards, Endings._outwards] * 2,
    *[Endings._refused, Endings._refunded, Endings._late],
    *[Endings._reversed, Endings._partly_reversed, Endings._reversed_outside],
]
"""Those that are told apart below, by how often they come."""

EVERY = {ending.__name__.strip("_") for ending in ENDINGS}
