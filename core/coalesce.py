"""Many concurrent single calls become a few bulk calls, which fill while the last one is in flight.

    post_one = Coalescer(post_many, batch_max=1_000, queue_max=10_000)
    outcome = await post_one(transfer)

`run` receives the items in the order of the calls and returns one result per item in the same order. It must be
one transaction: when it raises, nothing of it was committed. What an exception means is told by `core.faults`:

- OWN: somebody's item is at fault. The batch is halved until the guilty stand alone; they get the exception, the
  innocent their results.
- COLLISION: nothing was committed and no item is to blame. The same batch is run again, `attempts_max` times in all.
- MACHINERY: nobody is to blame and the outcome is unknown. Every caller of the batch gets the exception at once and
  repeats the call with the same id.

A caller that is cancelled while waiting is taken out of the queue; one that is cancelled in flight only misses the
result. Batches do not inherit a caller's context (its open transaction, its trace), only that of the constructor.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from contextvars import copy_context
from typing import Final, Generic, TypeAlias, TypeVar

from core.errors import AgioError, Overloaded
from core.faults import Fault, fault_of

Item = TypeVar("Item")
Result = TypeVar("Result")
_ANSWERS_AT_A_TURN: Final = 4
_BUSY: Final = 4
"""Items of a flight from which on the next one gathers."""
_Waiting: TypeAlias = "tuple[Item, asyncio.Future[Result]]"


class ResultsMissing(AgioError):
    """A bulk call did not return one result per item."""

    def __init__(self, items: int, results: int) -> None:
        super().__init__(f"{items} items, {results} results")


class Coalescer(Generic[Item, Result]):
    """Await it with one item to get that item's result.

    At most `batch_max` items go into one call of `run`, at most `in_flight_max` calls run at a time, and at most
    `queue_max` items wait; one more raises Overloaded, and nothing was done for it. While calls carry several items,
    the next one waits `gather_seconds` for more: where items come one by one, and a call costs more than an item.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
        *,
        batch_max: int = 1_000,
        queue_max: int = 10_000,
        in_flight_max: int = 1,
        attempts_max: int = 5,
        gather_seconds: float = 0.0,
        fault_of: Callable[[BaseException], Fault] = fault_of,
    ) -> None:
        if min(batch_max, queue_max, in_flight_max, attempts_max) < 1:
            raise ValueError("every limit must be at least 1")
        self._run = run
        self._batch_max = batch_max
        self._queue_max = queue_max
        self._in_flight_max = in_flight_max
        self._attempts_max = attempts_max
        self._gather_seconds = gather_seconds
        self._carried = 0
        """Items of the last flight."""
        self._fault_of = fault_of
        self._context = copy_context()
        self._waiting: OrderedDict[asyncio.Future[Result], Item] = OrderedDict()
        self._flights: set[asyncio.Task[None]] = set()
        self._landed: set[asyncio.Task[None]] = set()
        """Flights that are over, while their callers are answered."""
        self._boarding: asyncio.Task[None] | None = None
        self._closed = False

    async def __call__(self, item: Item) -> Result:
        """The result of `item`, or the exception it caused. Raises Overloaded when the queue is full or closed."""
        self._admit()
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting[future] = item
        self._board()
        try:
            return await future
        finally:
            self._waiting.pop(future, None)

    @property
    def waiting(self) -> int:
        """How many items wait for a call of `run`."""
        return len(self._waiting)

    async def drain(self) -> None:
        """Wait until every item that was called for has its result."""
        while under_way := self._flights | self._landed:
            await asyncio.wait(under_way)

    async def close(self) -> None:
        """Refuse further items, then drain."""
        self._closed = True
        await self.drain()

    def _admit(self) -> None:
        if self._closed:
            raise Overloaded("the queue is closed; nothing was done")
        if len(self._waiting) >= self._queue_max:
            message = f"{self._queue_max} calls are waiting already; nothing was done, try again later"
            raise Overloaded(message)

    def _board(self) -> None:
        # One flight boards at a time and takes off a turn of the loop later, so that all who call now come along.
        if self._boarding or not self._waiting or len(self._flights) >= self._in_flight_max:
            return
        flight = asyncio.get_running_loop().create_task(self._fly(), context=self._context.copy())
        flight.add_done_callback(self._land)
        self._flights.add(flight)
        self._boarding = flight

    def _land(self, flight: "asyncio.Task[None]") -> None:
        self._flights.discard(flight)
        self._landed.discard(flight)
        if self._boarding is flight:
            self._boarding = None
        self._board()

    async def _fly(self) -> None:
        if self._gather_seconds and self._carried >= _BUSY:
            await asyncio.sleep(self._gather_seconds)
        batch = self._take_off()
        self._carried = len(batch)
        answers: list[tuple[asyncio.Future[Result], Result]] = []
        try:
            await self._settle(batch, answers)
            self._touch_down()
            await _hand_out(answers)
        finally:
            for future, result in answers:
                _answer(future, result)
            # Only a flight that was itself cancelled leaves callers without an answer.
            for _, future in batch:
                future.cancel()

    def _touch_down(self) -> None:
        # The next flight leaves before those of this one are answered.
        flight = asyncio.current_task()
        if flight in self._flights:
            self._flights.discard(flight)
            self._landed.add(flight)
        self._board()

    def _take_off(self) -> "list[_Waiting[Item, Result]]":
        batch: list[_Waiting[Item, Result]] = []
        while self._waiting and len(batch) < self._batch_max:
            future, item = self._waiting.popitem(last=False)
            if not future.done():  # cancelled this very turn, its caller not yet awake to leave the queue
                batch.append((item, future))
        self._boarding = None
        self._board()
        return batch

    async def _settle(
        self, batch: "Sequence[_Waiting[Item, Result]]", answers: "list[tuple[asyncio.Future[Result], Result]]"
    ) -> None:
        """Run `batch` and find every caller's result or give it an exception; halves it until only the guilty fail."""
        if not batch:
            return
        try:
            results = await self._attempt([item for item, _ in batch])
        except Exception as exception:  # noqa: BLE001 - it is handed to the callers
            await self._blame(batch, exception, answers)
        else:
            answers.extend((future, result) for (_, future), result in zip(batch, results, strict=True))

    async def _attempt(self, items: Sequence[Item]) -> Sequence[Result]:
        for _ in range(self._attempts_max - 1):
            try:
                return await self._run_once(items)
            except Exception as exception:
                if self._fault_of(exception) is not Fault.COLLISION:
                    raise
        return await self._run_once(items)

    async def _run_once(self, items: Sequence[Item]) -> Sequence[Result]:
        results = await self._run(items)
        if len(results) != len(items):
            raise ResultsMissing(len(items), len(results))
        return results

    async def _blame(
        self,
        batch: "Sequence[_Waiting[Item, Result]]",
        exception: Exception,
        answers: "list[tuple[asyncio.Future[Result], Result]]",
    ) -> None:
        divisible = len(batch) > 1 and not isinstance(exception, ResultsMissing)
        if divisible and self._fault_of(exception) is Fault.OWN:
            middle = len(batch) // 2
            await self._settle(batch[:middle], answers)
            await self._settle(batch[middle:], answers)
            return
        for _, future in batch:
            _fail(future, exception)


async def _hand_out(answers: "Sequence[tuple[asyncio.Future[Result], Result]]") -> None:
    # A few at a turn of the loop: who is answered has work to do, and the database must not wait for all of it
    # before it hears from the next flight.
    for place, (future, result) in enumerate(answers, 1):
        _answer(future, result)
        if place % _ANSWERS_AT_A_TURN == 0:
            await asyncio.sleep(0)


def _answer(future: "asyncio.Future[Result]", result: Result) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: "asyncio.Future[Result]", exception: Exception) -> None:
    if not future.done():
        future.set_exception(exception)
