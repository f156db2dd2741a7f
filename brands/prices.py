"""Which price is in force when, for programs and for pairs of programs, and which pairs are paused."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from brands.rate import Rate

Pair: TypeAlias = tuple[UUID, UUID | None]
"""A source and a target; without a target: the source's own prices."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is exchanged along it until two persons resume it."""

    id: UUID
    source_id: UUID | None
    """None: out of any program."""
    target_id: UUID | None
    """None: into any program."""
    moved_bp: int
    """By how much of the price before the price moved, in basis points; 0: a person paused it."""
    reason: str
    since: datetime

    def covers(self, source_id: UUID, target_id: UUID, instant: datetime) -> bool:
        """Whether it stops exchanges of this pair at `instant`."""
        about_source = self.source_id in {None, source_id}
        return about_source and self.target_id in {None, target_id} and self.since <= instant


@dataclass(frozen=True, slots=True)
class Prices:
    """All prices in force now or later, the latest that ended, and the pauses in being."""

    timelines: Mapping[Pair, tuple[Rate, ...]]
    """The rates of each program and pair, the last to begin first."""
    pauses: tuple[Pause, ...]

    @classmethod
    def of(cls, rates: Iterable[Rate], pauses: Iterable[Pause] = ()) -> "Prices":
        """Index the values."""
        found: defaultdict[Pair, list[Rate]] = defaultdict(list)
        for rate in sorted(rates, key=lambda rate: (rate.valid_from, rate.version), reverse=True):
            found[rate.program_id, rate.target_id].append(rate)
        return cls({pair: tuple(rates) for pair, rates in found.items()}, tuple(pauses))

    def in_force(self, pair: Pair, instant: datetime) -> Rate | None:
        """What holds for a program or a pair at `instant`."""
        return next((rate for rate in self.timelines.get(pair, ()) if rate.holds_at(instant)), None)

    def rate(self, program_id: UUID, instant: datetime) -> Rate | None:
        """The program's own prices at `instant`."""
        return self.in_force((program_id, None), instant)

    def pair(self, source_id: UUID, target_id: UUID, instant: datetime) -> Rate | None:
        """The special price of a pair at `instant`; None: it has none."""
        return self.in_force((source_id, target_id), instant)

    def pause(self, source_id: UUID, target_id: UUID, instant: datetime) -> Pause | None:
        """The first pause that stops exchanges of this pair at `instant`."""
        return next((pause for pause in self.pauses if pause.covers(source_id, target_id, instant)), None)

    def at(self, instant: datetime) -> dict[Pair, Rate]:
        """Everything in force at `instant`."""
        found = ((pair, self.in_force(pair, instant)) for pair in self.timelines)
        return {pair: rate for pair, rate in found if rate is not None}

    def changes_after(self, instant: datetime) -> list[datetime]:
        """The later instants at which a price begins or ends, in order."""
        ends = {end for rates in self.timelines.values() for rate in rates for end in _ends(rate) if end > instant}
        return sorted(ends)


def _ends(rate: Rate) -> Iterator[datetime]:
    yield rate.valid_from
    if rate.valid_to is not None:
        yield rate.valid_to
