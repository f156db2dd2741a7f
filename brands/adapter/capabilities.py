"""What a brand's system can do: as written in a network file, and as it is asked about."""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Annotated

from brands.adapter.kinds import BookOfRecord, Timing
from brands.adapter.leaves import PositiveLeaf, TimeLeaf
from brands.config.leaves import ChoiceLeaf, FlagLeaf, WholeLeaf, ZoneLeaf

DEADLINE_SECONDS_MAX = 60.0
_DELAY_HOURS_MAX = 24 * 62
_FINAL_SECONDS_MAX = 7 * 86_400
_DAYS_MAX = 3_650
_DECIMALS_MAX = 6
_CONCURRENCY_MAX = 1_000
_RATE_MAX = 10_000.0


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a brand's system can do, as configured."""

    book_of_record: BookOfRecord
    timing: Timing
    cut_off: time | None
    """For batches and files: what comes later is decided a day later; in `time_zone`."""
    longest_delay: timedelta
    """After it, an answer that is still missing is a matter for a person."""
    hold: bool
    inquiry: bool
    not_found_final_after: timedelta
    reversal: bool
    partial_reversal: bool
    reversal_window: timedelta | None
    """After it, a leg cannot be reversed any more; None: for ever."""
    key_retention: timedelta | None
    """How long the brand remembers references; None: for ever. Later, the same instruction must not be sent again."""
    decimals: int
    requests_per_second: float | None
    requests_per_instruction: int
    """Two where each is preceded by a validation of the member."""
    concurrency_max: int
    deadline_seconds: float
    """For one call, connecting included."""
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CapabilitiesSection:
    """`[programs.CODE.adapter.capabilities]`."""

    book_of_record: Annotated[BookOfRecord, ChoiceLeaf(BookOfRecord)]
    timing: Annotated[Timing, ChoiceLeaf(Timing)]
    cut_off: Annotated[time, TimeLeaf()] | None = None
    longest_delay_hours: Annotated[int, WholeLeaf(1, _DELAY_HOURS_MAX, 1)]
    hold: Annotated[bool, FlagLeaf()] = False
    inquiry: Annotated[bool, FlagLeaf()] = False
    not_found_final_after_seconds: Annotated[int, WholeLeaf(0, _FINAL_SECONDS_MAX)] | None = None
    reversal: Annotated[bool, FlagLeaf()] = False
    partial_reversal: Annotated[bool, FlagLeaf()] = False
    reversal_window_days: Annotated[int, WholeLeaf(1, _DAYS_MAX, 1)] | None = None
    """Left out: for ever."""
    key_retention_days: Annotated[int, WholeLeaf(1, _DAYS_MAX, 1)] | None = None
    """Left out: for ever."""
    decimals: Annotated[int, WholeLeaf(0, _DECIMALS_MAX)] | None = None
    """With how many decimals the brand writes points; left out: as many as the program has."""
    requests_per_second: Annotated[float, PositiveLeaf(_RATE_MAX)] | None = None
    concurrency_max: Annotated[int, WholeLeaf(1, _CONCURRENCY_MAX, 1)] = 8
    deadline_seconds: Annotated[float, PositiveLeaf(DEADLINE_SECONDS_MAX)]
    time_zone: Annotated[str, ZoneLeaf()] | None = None
    """Left out: the program's."""

    def capabilities(self, scale: int, time_zone: str, *, validates_first: bool = False) -> Capabilities:
        """For a program of so many decimals in that time zone."""
        return Capabilities(
            book_of_record=self.book_of_record,
            timing=self.timing,
            cut_off=self.cut_off,
            longest_delay=timedelta(hours=self.longest_delay_hours),
            hold=self.hold,
            inquiry=self.inquiry,
            not_found_final_after=timedelta(seconds=self.not_found_final_after_seconds or 0),
            reversal=self.reversal,
            partial_reversal=self.partial_reversal,
            reversal_window=_days(self.reversal_window_days),
            key_retention=_days(self.key_retention_days),
            decimals=scale if self.decimals is None else self.decimals,
            requests_per_second=self.requests_per_second,
            requests_per_instruction=2 if validates_first else 1,
            concurrency_max=self.concurrency_max,
            deadline_seconds=self.deadline_seconds,
            time_zone=self.time_zone or time_zone,
        )


PLATFORM_CAPABILITIES = CapabilitiesSection(
    book_of_record=BookOfRecord.PLATFORM,
    timing=Timing.REALTIME,
    longest_delay_hours=1,
    inquiry=True,
    not_found_final_after_seconds=0,
    reversal=True,
    partial_reversal=True,
    concurrency_max=_CONCURRENCY_MAX,
    deadline_seconds=DEADLINE_SECONDS_MAX,
)
"""Of programs whose points live in our own ledger: there is nothing to wait for."""


def _days(days: int | None) -> timedelta | None:
    return None if days is None else timedelta(days=days)
