"""Contestants run in turns for about as long as they were told, and the median round counts."""

import pytest

from benchmarks.pace import Contestant, Stopwatch, in_turns, middle, ratio


class Worker:
    """Does a thousand items a second, or as the test says; no time passes."""

    def __init__(self, *rates: float) -> None:
        self.rates = list(rates)
        self.sizes: list[int] = []

    async def work(self, count: int) -> float:
        """The seconds it pretends to have taken."""
        self.sizes.append(count)
        return count / (self.rates.pop(0) if len(self.rates) > 1 else self.rates[0])


async def test_the_size_of_a_round_is_found_out() -> None:
    """The first tries are for measuring; rounds are of whole multiples of the smallest size."""
    worker = Worker(10_000.0)
    rates = await in_turns({"a": Contestant(worker.work, 300)}, seconds=0.5, rounds=3)
    assert rates["a"] == pytest.approx([10_000] * 3)
    assert worker.sizes == [300, 5_100, 5_100, 5_100]


async def test_a_fast_one_is_tried_with_more() -> None:
    """A try that is too short to measure is repeated with four times as much."""
    worker = Worker(100_000.0)
    await in_turns({"a": Contestant(worker.work)}, seconds=1.0, rounds=1)
    assert worker.sizes == [64, 256, 1_024, 4_096, 100_000]


async def test_a_given_size_is_kept() -> None:
    """Work that must not grow with the machine is told how much it is."""
    worker = Worker(10.0)
    await in_turns({"a": Contestant(worker.work, size=7)}, seconds=9.0, rounds=2)
    assert worker.sizes == [7, 7]


async def test_the_median_round_counts() -> None:
    """One disturbed round changes nothing."""
    worker = Worker(1_000.0, 1_000.0, 10.0, 1_100.0)
    rates = await in_turns({"a": Contestant(worker.work)}, seconds=0.05, rounds=3)
    assert middle(rates) == {"a": pytest.approx(1_000)}


async def test_warming_up_does_not_count() -> None:
    """Rounds for warming up come first and in addition."""
    worker = Worker(1.0, 1.0, 1_000.0)
    rates = await in_turns({"a": Contestant(worker.work, size=7)}, seconds=9.0, rounds=1, warm_up=2)
    assert rates["a"] == pytest.approx([1_000])
    assert worker.sizes == [7, 7, 7]


async def test_turns_alternate() -> None:
    """Rounds of all contestants are interleaved."""
    order: list[str] = []

    def named(name: str) -> Contestant:
        async def work(count: int) -> float:
            order.append(name)
            return count / 1_000

        return Contestant(work)

    await in_turns({"a": named("a"), "b": named("b")}, seconds=0.05, rounds=2)
    assert order == ["a", "a", "b", "b", "a", "b"]


def test_a_stopwatch_measures_its_block() -> None:
    """Time passes only within."""
    with Stopwatch() as watch:
        assert watch.seconds == 0.0
    assert watch.seconds > 0.0


def test_rounds_are_compared_one_by_one() -> None:
    """A machine that is slow for a round or two is slow for both."""
    assert ratio({"a": [10.0, 2.0, 20.0], "b": [5.0, 1.0, 20.0]}, "a", "b") == 2.0
