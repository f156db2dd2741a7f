"""The benchmarks by name. Modules are imported when they are run, so that listing them costs nothing."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TypeAlias, cast

from benchmarks.report import Report


@dataclass(frozen=True, slots=True)
class Options:
    """How to run a benchmark."""

    quick: bool = False
    """End within 45 seconds, with smaller sizes and shorter measurements; the names of the figures stay."""
    progress: Callable[[str], None] = lambda _: None
    """Told what is being measured, a line at a time."""


Run: TypeAlias = Callable[[Options], Awaitable[Report]]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark that can be run by name."""

    name: str
    summary: str
    place: str
    """`module:function` of its `Run`."""

    async def run(self, options: Options) -> Report:
        """Start what it needs, measure, stop what it started."""
        return await self.load()(options)

    def load(self) -> Run:
        """The function itself."""
        module, _, function = self.place.partition(":")
        return cast("Run", getattr(import_module(module), function))


BENCHMARKS = {
    benchmark.name: benchmark
    for benchmark in (
        Benchmark("wallet", "All that a member holds, against a plain JSON answer.", "benchmarks.wallet:run"),
        Benchmark("exchange", "Accepted quotes, against a mutation that does nothing.", "benchmarks.exchange:run"),
        Benchmark("saga", "Exchanges with brands' own systems: one worker, and two.", "benchmarks.saga:run"),
        Benchmark(
            "ledger", "Posting in batches against one transaction each and against COPY.", "benchmarks.ledger:run"
        ),
        Benchmark(
            "reconcile", "A brand's file against our lines, beside a bare hash join.", "benchmarks.reconcile:run"
        ),
        Benchmark(
            "settle", "A window from open to stated, and exchanges while it is closed.", "benchmarks.settle.run:run"
        ),
        Benchmark("ledger-growth", "Posting and balances in the past as the history grows.", "benchmarks.growth:run"),
    )
}
"""Every benchmark, in the order in which they are listed."""
