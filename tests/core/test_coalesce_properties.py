"""Whatever comes in whatever order: each call is answered once, and only the guilty and the impatient go without."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import asyncpg
from hypothesis import given, settings
from hypothesis import strategies as st

from core.coalesce import Coalescer
from core.errors import Overloaded


@dataclass(frozen=True)
class Call:
    """One caller: its patience in turns of the loop (None: endless), and whether its item is bad."""

    starts_after: int
    patience: int | None
    bad: bool


@dataclass
class Books:
    """A bulk call that takes a few turns, collides now and then, and commits whole batches or nothing."""

    bad: set[int]
    turns: list[int]
    collisions: list[bool]
    committed: list[int] = field(default_factory=list)
    batch_max: int = 0
    running: int = 0
    running_max: int = 0

    async def run(self, items: Sequence[int]) -> list[int]:
        """The negative of each item."""
        self.batch_max = max(self.batch_max, len(items))
        self.running += 1
        self.running_max = max(self.running_max, self.running)
        for _ in range(self.turns.pop() if self.turns else 1):
            await asyncio.sleep(0)
        self.running -= 1
        if self.collisions and self.collisions.pop():
            raise asyncpg.DeadlockDetectedError
        if self.bad & set(items):
            raise ValueError(sorted(self.bad & set(items)))
        self.committed.extend(items)
        return [-item for item in items]


async def make(call: Call, number: int, coalescer: "Coalescer[int, int]") -> int | str:
    """How the call numbered `number` ended."""
    for _ in range(call.starts_after):
        await asyncio.sleep(0)
    task = asyncio.ensure_future(coalescer(number))
    for _ in range(call.patience if call.patience is not None else 0):
        await asyncio.sleep(0)
    if call.patience is not None:
        task.cancel()
    try:
        return await task
    except asyncio.CancelledError:
        return "cancelled"
    except Overloaded:
        return "overloaded"
    except ValueError:
        return "guilty"


calls = st.builds(
    Call,
    starts_after=st.integers(0, 12),
    patience=st.none() | st.integers(0, 12),
    bad=st.sampled_from([False, False, False, True]),
)


@settings(max_examples=300, deadline=None)
@given(
    crowd=st.lists(calls, max_size=40),
    limits=st.tuples(st.integers(1, 8), st.integers(1, 20), st.integers(1, 3)),
    turns=st.lists(st.integers(0, 4), max_size=30),
    collisions=st.lists(st.sampled_from([False, False, True]), max_size=30),
)
def test_every_call_ends_as_it_should(
    crowd: list[Call], limits: tuple[int, int, int], turns: list[int], collisions: list[bool]
) -> None:
    """Bad items fail alone; good ones commit exactly once; refused ones never; limits hold; nothing is left behind."""
    batch_max, queue_max, in_flight_max = limits
    books = Books({number for number, call in enumerate(crowd) if call.bad}, turns, collisions)

    async def scene() -> list[int | str]:
        coalescer = Coalescer(
            books.run, batch_max=batch_max, queue_max=queue_max, in_flight_max=in_flight_max, attempts_max=40
        )
        ends = await asyncio.gather(*(make(call, number, coalescer) for number, call in enumerate(crowd)))
        await coalescer.close()
        assert coalescer.waiting == 0
        return ends

    ends = asyncio.run(scene())
    assert len(books.committed) == len(set(books.committed))
    for number, (call, end) in enumerate(zip(crowd, ends, strict=True)):
        committed = number in books.committed
        match end:
            case "cancelled":
                assert call.patience is not None
            case "overloaded":
                assert not committed
            case "guilty":
                assert call.bad
                assert not committed
            case _:
                assert end == -number
                assert committed
                assert not call.bad
    assert books.batch_max <= batch_max
    assert books.running_max <= in_flight_max
