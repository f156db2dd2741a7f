"""What the tests of sagas share: two brands with systems of their own, played in memory, and a clock to move.

RAIL and FERRY keep their own books (`Counterparty`); HOTEL's points live on the platform.
"""

from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from brands import Program
from core.clock import SettableClock
from core.database import Connection, Database
from exchange import Acceptance, Exchange, Outbox, QuoteRequest, State, accept_many, quote
from exchange.brand_system import (
    Answer,
    BrandBalance,
    BrandEvent,
    BrandTransaction,
    CallRecord,
    Capabilities,
    Done,
    Failed,
    Failure,
    FollowUp,
    Health,
    InquiryAnswer,
    Instruction,
    LinkedMember,
    MemberReference,
    NotFound,
    Pending,
    Reference,
)
from exchange.exchange_rows import exchanges_by_id
from exchange.offers import Quote
from exchange.ports import SILENT
from exchange.saga.jobs import due_exchanges
from exchange.saga.runner import Saga
from tests.network import AIRLINE, HOTEL, Network, Person, load_network

BRAND = """
[brands.{code}]
name = "{name}"
kind = "brand"
participant = true
net_debit_cap = "100000.00"

[programs.{program}]
name = "{name} points"
brand = "{code}"
scale = 0
time_zone = "Asia/Shanghai"
opening_value = "0.05"
tiers.base = {{ name = "Base", level = 1 }}
expiry.never = true
rate = {{ sell = "0.0500", buy = "0.0600", fee_bp = 100 }}
limits = {{ min = 1, max = 200000, step = 1, member_day = 300000 }}

[programs.{program}.adapter]
kind = "simulator"
url = "http://127.0.0.1:8801"
authentication = {{ kind = "header", header = "Authorization", prefix = "Bearer ", secret = "api-key" }}

[programs.{program}.adapter.capabilities]
book_of_record = "brand"
timing = "realtime"
longest_delay_hours = 24
inquiry = true
not_found_final_after_seconds = 60
reversal = true
partial_reversal = true
deadline_seconds = 2
"""

RAIL = BRAND.format(code="rail", name="Rail", program="RAIL")
FERRY = BRAND.format(code="ferry", name="Ferry", program="FERRY")


@dataclass(frozen=True, slots=True)
class Booked:
    """One movement in a brand's own books."""

    number: str
    amount: int
    original: str | None = None


Trick = str
"""What a call meets: `lost request`, `lost answer`, `not sent`, `pending`, `late`, or the value of a Failure."""


@dataclass
class Counterparty:
    """A brand's system in memory: idempotent by reference, with books, and tricks to order."""

    capabilities: Capabilities
    clock: SettableClock
    balances: dict[str, int] = field(default_factory=dict)
    booked: dict[str, Booked] = field(default_factory=dict)
    refused: dict[str, Failure] = field(default_factory=dict)
    pending: dict[str, tuple[Booked, datetime]] = field(default_factory=dict)
    tricks: deque[Trick] = field(default_factory=deque)
    """For the next calls of any kind; an empty text is a call without a trick."""
    standing: Trick = ""
    """For every instruction that finds no other."""
    calls: list[tuple[str, str]] = field(default_factory=list)
    """(what, reference)"""

    @property
    def moved(self) -> int:
        """What all movements come to."""
        return sum(one.amount for one in self.booked.values())

    async def debit(self, instruction: Instruction) -> Answer:
        """Take points."""
        return self._order("debit", instruction.reference, Booked(instruction.member.number, -instruction.amount))

    async def credit(self, instruction: Instruction) -> Answer:
        """Give points."""
        return self._order("credit", instruction.reference, Booked(instruction.member.number, instruction.amount))

    async def reverse(self, follow_up: FollowUp) -> Answer:
        """Undo."""
        original = self.booked.get(follow_up.original.text)
        if original is None:
            return Failed(Failure.INVALID, "no such original")
        sign = -1 if original.amount > 0 else 1
        undone = Booked(follow_up.member.number, sign * follow_up.amount, follow_up.original.text)
        return self._order("reverse", follow_up.reference, undone)

    async def inquire(self, reference: Reference, brand_reference: str | None, sent_at: datetime) -> InquiryAnswer:
        """What became of it."""
        del brand_reference
        self.calls.append(("inquire", reference.text))
        trick = self.tricks.popleft() if self.tricks else ""
        if trick in {"lost request", "lost answer"}:
            return Failed(Failure.UNKNOWN, trick)
        if trick == "not sent":
            return Failed(Failure.NOT_SENT, trick)
        self._ripen()
        if reference.text in self.booked:
            return Done(f"B-{reference.text}")
        if reference.text in self.refused:
            return Failed(self.refused[reference.text])
        waiting = self.pending.get(reference.text)
        if waiting and waiting[1] != _NEVER:
            return Pending(f"B-{reference.text}")
        return NotFound(self.clock.now() >= sent_at + self.capabilities.not_found_final_after)

    def _order(self, what: str, reference: Reference, order: Booked) -> Answer:
        self.calls.append((what, reference.text))
        trick = self.tricks.popleft() if self.tricks else self.standing
        if trick == "lost request":
            return Failed(Failure.UNKNOWN, trick)
        if trick == "not sent":
            return Failed(Failure.NOT_SENT, trick)
        if trick == Failure.AUTH:
            return Failed(Failure.AUTH, "Who are you?")
        if trick == "late":
            self.pending[reference.text] = (order, _NEVER)
            return Failed(Failure.UNKNOWN, trick)
        if trick == "pending":
            self.pending.setdefault(reference.text, (order, self.clock.now() + timedelta(minutes=10)))
            return Pending(f"B-{reference.text}", 600)
        answer = self._book(reference.text, order, trick)
        return Failed(Failure.UNKNOWN, trick) if trick == "lost answer" else answer

    def _book(self, text: str, order: Booked, trick: str) -> Answer:
        if text in self.booked:
            return Done(f"B-{text}") if self.booked[text] == order else Failed(Failure.DUPLICATE_CHANGED)
        if trick in set(Failure):
            self.refused[text] = Failure(trick)
        if text in self.refused:
            return Failed(self.refused[text])
        if self.balances.get(order.number, 0) + order.amount < 0:
            self.refused[text] = Failure.INSUFFICIENT
            return Failed(Failure.INSUFFICIENT)
        self.arrive(text, order)
        return Done(f"B-{text}")

    def arrive(self, text: str, order: Booked) -> None:
        """Book it."""
        self.pending.pop(text, None)
        self.booked[text] = order
        self.balances[order.number] = self.balances.get(order.number, 0) + order.amount

    def _ripen(self) -> None:
        for text, (order, at) in list(self.pending.items()):
            if at != _NEVER and at <= self.clock.now():
                self.arrive(text, order)

    async def health(self) -> Health:
        """Always up."""
        return Health(up=True)

    async def link(self, member: MemberReference) -> LinkedMember | Failed:
        """Not needed."""
        raise NotImplementedError

    async def validate(self, member: MemberReference) -> LinkedMember | Failed:
        """Not needed."""
        raise NotImplementedError

    async def unlink(self, member: MemberReference) -> Done | Failed:
        """Not needed."""
        raise NotImplementedError

    async def balance(self, member: MemberReference) -> BrandBalance | Failed:
        """As booked."""
        return BrandBalance(self.balances.get(member.number, 0), self.clock.now())

    async def tier(self, member: MemberReference) -> str | Failed:
        """Not needed."""
        raise NotImplementedError

    async def hold(self, instruction: Instruction) -> Answer:
        """Not needed."""
        raise NotImplementedError

    async def capture(self, follow_up: FollowUp) -> Answer:
        """Not needed."""
        raise NotImplementedError

    async def release(self, follow_up: FollowUp) -> Answer:
        """Not needed."""
        raise NotImplementedError

    def transactions(self, after: datetime, until: datetime) -> AsyncIterator[BrandTransaction]:
        """Not needed."""
        raise NotImplementedError

    async def fetch_statement(self, day: date) -> bytes | Failed:
        """Not needed."""
        raise NotImplementedError

    async def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> BrandEvent | Failed:
        """Not needed."""
        raise NotImplementedError


_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass
class Counterparties:
    """The systems of all programs."""

    systems: dict[str, Counterparty]

    def of(self, program: Program) -> Counterparty:
        """By code."""
        return self.systems[program.code]

    @contextmanager
    def recording(self) -> Iterator[list[CallRecord]]:
        """Nothing goes over a wire."""
        yield []


_STATES = "SELECT state FROM exchange_history WHERE exchange_id = $1 ORDER BY sequence"


@dataclass
class Stage:
    """A network with brands outside, and the worker that carries exchanges on."""

    network: Network
    clock: SettableClock
    counterparties: Counterparties
    superuser: Connection
    outbox: Outbox = SILENT
    """Told of what the exchanges do."""

    @property
    def database(self) -> Database:
        """The database."""
        return self.network.database

    @property
    def rail(self) -> Counterparty:
        """RAIL's own system."""
        return self.counterparties.systems["RAIL"]

    @property
    def ferry(self) -> Counterparty:
        """FERRY's own system."""
        return self.counterparties.systems["FERRY"]

    async def member(self, **points: int) -> Person:
        """A member with cards of all programs."""
        codes = ("RAIL", "FERRY", "HOTEL")
        person = await self.network.enrol({code: points.get(code, 0) if code == "HOTEL" else 0 for code in codes})
        for code, system in self.counterparties.systems.items():
            system.balances[person.cards[code].number] = points.get(code, 0)
        return person

    async def exchange(self, person: Person, source: str, target: str, amount: int = 1_000) -> Exchange:
        """An exchange that was accepted, and that nobody has carried on yet."""
        offer = await quote(self.database, QuoteRequest(person.id, source, target, amount))
        assert isinstance(offer, Quote), offer
        (made,) = await accept_many(
            self.database, [Acceptance(offer.id, person.id, f"key {offer.id}")], outbox=self.outbox
        )
        assert isinstance(made, Exchange), made
        return made

    async def run(self) -> None:
        """Do everything that is due now."""
        saga = Saga(self.database, self.counterparties, outbox=self.outbox)
        for exchange_id in await due_exchanges(self.database):
            await saga.advance(exchange_id)
        await saga.close()

    async def wait(self, most: timedelta = timedelta(days=3), step: timedelta = timedelta(0)) -> None:
        """Let time pass, doing what is due, until nothing waits any more or `most` has passed."""
        end = self.clock.now() + most
        await self.run()
        while self.clock.now() < end and (at := await self._next_at()):
            self.clock.set(max(at, self.clock.now() + step))
            await self.run()

    async def wait_for(self, exchange: Exchange, state: State) -> None:
        """Let time pass until the exchange is in the state."""
        await self.run()
        for _ in range(200):
            at = await self._next_at()
            if (await self.now(exchange)).state is state or at is None:
                break
            self.clock.set(max(at, self.clock.now()))
            await self.run()
        assert (await self.now(exchange)).state is state

    async def _next_at(self) -> datetime | None:
        query = "SELECT min(greatest(due_at, lease_until)) FROM exchange_errand WHERE due_at IS NOT NULL"
        found: datetime | None = await self.superuser.fetchval(query)
        return found

    async def states(self, exchange: Exchange) -> list[State]:
        """Its life so far."""
        return [State(row["state"]) for row in await self.superuser.fetch(_STATES, exchange.id)]

    async def now(self, exchange: Exchange) -> Exchange:
        """As it is now."""
        async with self.database.connection() as connection:
            return (await exchanges_by_id(connection, [exchange.id]))[exchange.id]

    async def net(self, purpose: str, asset: str = "CNY", owner: UUID | None = None) -> int:
        """What the accounts of a purpose hold."""
        query = """
            SELECT coalesce(sum(credits_posted - debits_posted), 0)::bigint FROM ledger_account
            WHERE purpose = $1 AND asset = $2 AND ($3::uuid IS NULL OR owner = $3)
        """
        found: int = await self.superuser.fetchval(query, purpose, asset, owner)
        return found


async def open_stage(database: Database, clock: SettableClock, superuser: Connection) -> Stage:
    """The network in force, and both brands at work."""
    network = await load_network(database, (HOTEL, AIRLINE, RAIL, FERRY))
    systems = {code: Counterparty(network.program(code).capabilities, clock) for code in ("RAIL", "FERRY")}
    return Stage(network, clock, Counterparties(systems), superuser)
