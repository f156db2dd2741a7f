"""Measuring rates side by side: in turns, so that what disturbs the machine disturbs all of them."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Self, TypeAlias

Work: TypeAlias = Callable[[int], Awaitable[float]]
"""Does about so many items; the seconds that took, preparation not counted."""

Rates: TypeAlias = Mapping[str, Sequence[float]]
"""Items per second in each round, by contestant."""

_FIRST = 64
_SHORT = 0.02


@dataclass(slots=True)
class Contestant:
    """A piece of work and the rates it reached."""

    work: Work
    size_min: int = 1
    """The smallest number of items that makes sense, and of which the others are multiples."""
    size: int = 0
    """How many items a round has; 0: as many as fit into its time, which the first round finds out."""
    rates: list[float] = field(default_factory=list)
    """Items per second in each round."""

    async def run(self, seconds: float) -> None:
        """One round of about `seconds`."""
        self.size = self.size or await self._sized(seconds)
        self.rates.append(self.size / await self.work(self.size))

    async def _sized(self, seconds: float) -> int:
        size = self._whole(_FIRST)
        while (taken := await self.work(size)) < min(_SHORT, seconds):
            size *= 4
        return self._whole(round(size * seconds / taken))

    def _whole(self, size: int) -> int:
        return max(1, -(-size // self.size_min)) * self.size_min


async def in_turns(contestants: Mapping[str, Contestant], *, seconds: float, rounds: int, warm_up: int = 0) -> Rates:
    """Let each run for about `seconds`, `rounds` times, one after the other.

    The first `warm_up` rounds come in addition and do not count.
    """
    for number in range(-warm_up, rounds):
        for contestant in contestants.values():
            await contestant.run(seconds)
            if number < 0:
                contestant.rates.clear()
    return {name: contestant.rates for name, contestant in contestants.items()}


def middle(rates: Rates) -> dict[str, float]:
    """The median round of each contestant."""
    return {name: median(found) for name, found in rates.items()}


def ratio(rates: Rates, over: str, under: str) -> float:
    """How much faster one is than the other, the median of the rounds: those of one round met the same machine."""
    return median(one / other for one, other in zip(rates[over], rates[under], strict=True))


class Stopwatch:
    """Measures what happens in its block."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._started = 0.0

    def __enter__(self) -> Self:
        self._started = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._started
