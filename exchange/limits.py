"""The limits that apply to an exchange, and whether it stays within them: pure rules over what was used before.

What is used is counted under a key: the period; then for a member `member, source program`; for a pair `member, source
program, target program`; and for what a program may issue `target program`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from brands import Directory, PeriodLimits, Program
from exchange.errors import CoolingOff, IssuanceBudgetReached, LimitReached, Period
from exchange.periods import Key, Span, spans_of


@dataclass(frozen=True, slots=True)
class Limited:
    """One limit that applies to an exchange."""

    key: Key
    amount: int
    """What the exchange would use."""
    most: int
    span: Span
    source: str | None
    """The code of the program whose member is limited; None: the target's program is."""
    target: Program | None
    """Of a pair, or the program whose issue is limited; None: into all programs together."""

    def check(self, used: Counter[Key]) -> LimitReached | IssuanceBudgetReached | None:
        """Why it would go beyond; None: it does not."""
        left = max(self.most - used[self.key], 0)
        if self.amount <= left:
            return None
        if self.source is None and self.target is not None:
            return IssuanceBudgetReached(
                self.target.code, self.span.period, left, self.target.scale, self.span.resets_at
            )
        target = None if self.target is None else self.target.code
        return LimitReached(self.span.period, left, self.span.resets_at, target)


class Limits:
    """The limits of all programs at one instant; each program's periods are worked out once."""

    def __init__(self, directory: Directory, now: datetime) -> None:
        self._directory = directory
        self._now = now
        self._spans: dict[str, tuple[Span, ...]] = {}
        self._sets: dict[tuple[UUID, ...], tuple[tuple[Span, int], ...]] = {}
        self._counted: dict[UUID, frozenset[Period]] = {}

    def spans(self, program: Program) -> tuple[Span, ...]:
        """The program's present day, month and year."""
        found = self._spans.get(program.time_zone)
        if found is None:
            found = self._spans[program.time_zone] = spans_of(program.time_zone, self._now)
        return found

    def counted(self, source: Program) -> frozenset[Period]:
        """The periods in which a member's exchanges out of the program, or of any pair, are limited."""
        found = self._counted.get(source.id)
        if found is None:
            sets = (source.limits.member, *source.limits.pairs.values())
            found = frozenset(
                period
                for limits in sets
                for period, most in zip(Period, (limits.day, limits.month, limits.year), strict=True)
                if most is not None
            )
            self._counted[source.id] = found
        return found

    def of_member(self, owner: UUID, source: Program, amount: int) -> Iterator[Limited]:
        """What limits a member's exchanges out of a program."""
        for span, most in self._member(source):
            yield Limited((span.period, owner, source.id), amount, most, span, source.code, None)

    def of_pair(self, owner: UUID, source: Program, target: Program, amount: int) -> Iterator[Limited]:
        """What limits a member's exchanges of one pair."""
        for span, most in self._pair(source, target):
            yield Limited((span.period, owner, source.id, target.id), amount, most, span, source.code, target)

    def of_issuance(self, target: Program, amount: int) -> Iterator[Limited]:
        """What limits how much exchanges issue of a program."""
        for span, most in self._issuance(target):
            yield Limited((span.period, target.id), amount, most, span, None, target)

    def cooling_off(self, source: Program, changed_at: datetime | None) -> CoolingOff | None:
        """Why nothing is exchanged yet after a change of who the member is; None: it is."""
        if changed_at is None or not source.limits.cooling_off_hours:
            return None
        until = changed_at + timedelta(hours=source.limits.cooling_off_hours)
        return CoolingOff(source.code, until) if self._now < until else None

    # A batch asks for the same few programs again and again.

    def _member(self, source: Program) -> tuple[tuple[Span, int], ...]:
        found = self._sets.get((source.id,))
        return self._keep((source.id,), source, source.limits.member) if found is None else found

    def _pair(self, source: Program, target: Program) -> tuple[tuple[Span, int], ...]:
        found = self._sets.get((source.id, target.id))
        if found is None:
            limits = source.limits.pairs.get(target.code, _UNLIMITED)
            return self._keep((source.id, target.id), source, limits)
        return found

    def _issuance(self, target: Program) -> tuple[tuple[Span, int], ...]:
        found = self._sets.get((target.id, target.id))
        return self._keep((target.id, target.id), target, target.issuance) if found is None else found

    def _keep(self, key: tuple[UUID, ...], program: Program, limits: PeriodLimits) -> tuple[tuple[Span, int], ...]:
        amounts = (limits.day, limits.month, limits.year)
        pairs = zip(self.spans(program), amounts, strict=True)
        found = self._sets[key] = tuple((span, most) for span, most in pairs if most is not None)
        return found


_UNLIMITED = PeriodLimits()


def first_reached(limited: Iterable[Limited], used: Counter[Key]) -> LimitReached | IssuanceBudgetReached | None:
    """The first limit that would be gone beyond."""
    return next((refusal for each in limited if (refusal := each.check(used)) is not None), None)
