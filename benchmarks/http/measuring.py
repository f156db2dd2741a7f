"""Measuring several kinds of request against one server, turn by turn.

The machine may be busy with other things. So every kind is measured for a short while, then the next, and so on, round
after round; ratios are formed within a round, and their median counts.
"""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from statistics import median
from types import MappingProxyType
from typing import Final, TypeAlias

from benchmarks.http.load import Call, Slice, load, quantile_ms
from benchmarks.http.server import ScratchServer
from benchmarks.machine import Machine
from benchmarks.processors import postgres_seconds
from benchmarks.registry import Options
from benchmarks.report import Goal, Report

Queues: TypeAlias = Sequence[Iterator[Call]]
"""What each connection asks, one after the other."""

NO_GOALS: Final[Mapping[str, Goal]] = MappingProxyType({})

FAULTS_SHOWN: Final = 3
"""Of each subject."""

_QUICK_SECONDS: Final = 34.0
_FULL_SECONDS: Final = 100.0


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of request."""

    name: str
    queues: Callable[[float], Awaitable[Queues]]
    """Makes enough requests for a slice of so many seconds; called before each slice."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to measure."""

    slice_seconds: float
    warm_up_seconds: float
    """Of each subject, before the first round."""
    ends_at: float
    """On the monotonic clock: no round begins that would probably end later, except the first."""

    @classmethod
    def of(cls, options: Options) -> "Plan":
        """As the options ask; the time counts from now, so make it before anything is started."""
        if options.quick:
            return cls(1.0, 0.5, time.monotonic() + _QUICK_SECONDS)
        return cls(2.0, 2.0, time.monotonic() + _FULL_SECONDS)


@dataclass(slots=True)
class Course:
    """One subject's slices, in the order of rounds."""

    slices: list[Slice] = field(default_factory=list)
    server_cpu_us: list[float] = field(default_factory=list)
    """Processor time of the server's process for each answer, slice by slice."""
    postgres_cpu_us: list[float] = field(default_factory=list)
    """The same of PostgreSQL's processes."""

    @property
    def errors(self) -> Counter[str]:
        """All wrong and missing answers."""
        return sum((found.errors for found in self.slices), Counter[str]())

    def figures(self, name: str) -> Mapping[str, float]:
        """What is reported of the subject."""
        latencies = sorted(chain.from_iterable(found.latencies for found in self.slices))
        return {
            f"{name}.requests_per_second": median(found.requests_per_second for found in self.slices),
            f"{name}.p50_ms": quantile_ms(latencies, 0.5),
            f"{name}.p99_ms": quantile_ms(latencies, 0.99),
            f"{name}.errors": self.errors.total(),
            f"{name}.server_cpu_us": median(self.server_cpu_us),
            f"{name}.postgres_cpu_us": median(self.postgres_cpu_us),
            f"{name}.load_cpu_share": median(found.load_cpu_share for found in self.slices),
        }

    def ratio(self, other: "Course") -> float:
        """How many requests a second this is of the other's, as the median of the rounds."""
        pairs = zip(self.slices, other.slices, strict=True)
        rates = ((mine.requests_per_second, theirs.requests_per_second) for mine, theirs in pairs)
        return median(mine / theirs if theirs else 0.0 for mine, theirs in rates)


Measured: TypeAlias = Mapping[str, Course]
"""By the subject's name."""


async def measure(server: ScratchServer, subjects: Sequence[Subject], plan: Plan, options: Options) -> Measured:
    """Round after round until the plan ends, and at least one."""
    for subject in subjects:
        options.progress(f"warming up: {subject.name}")
        await load(server.port, await subject.queues(plan.warm_up_seconds), plan.warm_up_seconds)
    courses = {subject.name: Course() for subject in subjects}
    lasted, round_number = 0.0, 0
    while not round_number or time.monotonic() + lasted < plan.ends_at:
        began = time.monotonic()
        round_number += 1
        for subject in subjects:
            options.progress(f"round {round_number}: {subject.name}")
            await _add_slice(courses[subject.name], server, subject, plan)
        lasted = time.monotonic() - began
    return courses


async def _add_slice(course: Course, server: ScratchServer, subject: Subject, plan: Plan) -> None:
    queues = await subject.queues(plan.slice_seconds)
    async with server.database.connection() as connection:
        used_before, postgres_before = server.cpu_seconds(), await postgres_seconds(connection)
        found = await load(server.port, queues, plan.slice_seconds)
        used, postgres = server.cpu_seconds(), await postgres_seconds(connection)
    course.slices.append(found)
    answers = max(len(found.latencies), 1)
    course.server_cpu_us.append((used - used_before) * 1e6 / answers)
    course.postgres_cpu_us.append((postgres - postgres_before) * 1e6 / answers)


def reported(
    name: str,
    machine: Machine,
    measured: Measured,
    ratios: Mapping[str, tuple[str, str]],
    goals: Mapping[str, Goal] = NO_GOALS,
    faults: Sequence[str] = (),
) -> Report:
    """The report; each ratio names the two subjects whose rates it compares. Wrong answers join the `faults`."""
    figures = {key: value for subject, course in measured.items() for key, value in course.figures(subject).items()}
    compared = {ratio: measured[mine].ratio(measured[theirs]) for ratio, (mine, theirs) in ratios.items()}
    return Report(name, machine, figures, compared, goals, [*faults, *_faults(measured)])


def _faults(measured: Measured) -> Iterator[str]:
    for subject, course in measured.items():
        for text, times in course.errors.most_common(FAULTS_SHOWN):
            yield f"{subject}: {times} times {text}"
        if not all(found.answers for found in course.slices):
            yield f"{subject}: a slice without answers"
