"""What becomes of an errand after a reading: again, over, or a matter for a person. Pure: no database, no clock.

- Never taken for done or undone without the brand's word: what may have been done is asked for, on a schedule.
- The same instruction is sent again only while nothing can have come of the last sending (it was not sent, or the
  brand will never know of it) and the brand still remembers references.
- Credentials that are refused are a matter for persons, and no reason to undo anything: it goes on with new ones.
- Everything ends: a debit that could not be sent is given up after `PATIENCE`; whatever else is not known after the
  brand's longest delay goes to a person.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias
from uuid import UUID

from exchange.brand_system import Capabilities, Timing
from exchange.saga.errands import Errand, Mode, Outcome, Role
from exchange.saga.readings import Reading

PATIENCE: Final = timedelta(minutes=15)
"""How long a debit is tried that never reached the source: the member's points wait, and nothing has happened yet."""
SENDS_MAX: Final = 3
"""How often an instruction is sent that may have reached the brand, but turned out not to have."""
FIRST_REST: Final = timedelta(seconds=1)
REST_MAX: Final = timedelta(minutes=5)
LOCKED_OUT_REST: Final = timedelta(minutes=1)
"""Before a brand is tried again that refused our credentials; new ones do not wait for it."""
SLOW_REST_MAX: Final = timedelta(hours=1)
"""For brands that decide in batches and by files."""


OWED: Final = frozenset({Role.REFUND, Role.GIVE_BACK})
"""What the source has to give back: never given up, because the member has nothing else."""


@dataclass(frozen=True, slots=True)
class Again:
    """Another call later."""

    mode: Mode
    due_at: datetime
    ambiguous: bool
    pending: bool = False
    """The brand has it and decides later."""


@dataclass(frozen=True, slots=True)
class Over:
    """The errand has ended."""

    outcome: Outcome
    watch_at: datetime | None = None
    """When to ask whether it happened after all; None: the brand itself has said how it ended."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """Nothing automatic can settle it."""

    reason: str


Course: TypeAlias = Again | Over | Stuck


def course(
    errand: Errand,
    reading: Reading,
    capabilities: Capabilities,
    now: datetime,
    *,
    wait: timedelta | None = None,
) -> Course:
    """What follows. `wait` is what the brand asked for: retry-after, or when a pending answer is ready."""
    ended = _ended(errand, reading)
    if ended is not None:
        return ended
    if reading is Reading.ABSENT:
        return _absent(errand, capabilities, now)
    if reading is Reading.PENDING:
        return _until_deadline(errand, Mode.ASK, capabilities, now, wait, pending=True)
    if reading is Reading.LOCKED_OUT:
        wait = max(wait or timedelta(), LOCKED_OUT_REST)
    if reading in {Reading.NOT_SENT, Reading.LOCKED_OUT}:
        mode = _mode_after_doubt(errand, capabilities, now) if errand.ambiguous else Mode.SEND
        return _until_deadline(errand, mode, capabilities, now, wait)
    return _doubtful(errand, reading, capabilities, now, wait)


def _ended(errand: Errand, reading: Reading) -> Over | Stuck | None:
    if reading is Reading.DONE:
        return Over(Outcome.DONE)
    if reading is Reading.CONTRADICTED:
        return Stuck("The brand knows our reference with other content.")
    if reading is Reading.REFUSED:
        return Stuck("The source refuses to give the points back.") if errand.role in OWED else Over(Outcome.REFUSED)
    return None


def overdue(errand: Errand, capabilities: Capabilities, now: datetime) -> Course:
    """What becomes of an errand whose deadline has passed."""
    nothing_done = errand.mode is Mode.SEND and not errand.ambiguous
    if nothing_done and errand.role not in OWED and not (errand.role is Role.TAKE_BACK and errand.sends):
        return _given_up(errand, capabilities, now)
    if nothing_done:
        return Stuck("The brand could not be reached.")
    return Stuck("The brand's longest delay has passed without an answer.")


def deadline(errand: Errand, capabilities: Capabilities, *, mode: Mode, ambiguous: bool) -> datetime:
    """When the errand is overdue, if it stands so."""
    unsent = mode is Mode.SEND and not ambiguous
    if unsent and errand.role is Role.DEBIT:
        return errand.created_at + min(PATIENCE, capabilities.longest_delay)
    return errand.created_at + capabilities.longest_delay


def next_watch(errand: Errand, capabilities: Capabilities, now: datetime) -> datetime | None:
    """When to ask again whether an errand that ended without the brand's word was done after all; None: no more."""
    assert errand.ended_at is not None, "only what has ended is watched"
    last = errand.ended_at + capabilities.longest_delay
    if now >= last:
        return None
    return min(now + max(now - errand.ended_at, _first_watch(capabilities)), last)


def rest(errand_id: UUID, attempts: int, timing: Timing) -> timedelta:
    """How long to rest after so many attempts: doubling, a little different for each errand."""
    most = REST_MAX if timing is Timing.REALTIME else SLOW_REST_MAX
    plain: timedelta = min(FIRST_REST * (1 << min(max(attempts - 1, 0), 20)), most)
    return plain * (0.8 + (errand_id.int & 0xFF) / 640)


def _doubtful(
    errand: Errand, reading: Reading, capabilities: Capabilities, now: datetime, wait: timedelta | None
) -> Course:
    mode = Mode.ASK if capabilities.inquiry else _mode_after_doubt(errand, capabilities, now)
    if not capabilities.inquiry and (errand.sends >= SENDS_MAX or not _remembered(errand, capabilities, now)):
        return Stuck("The answer was lost, and the brand cannot be asked.")
    found = _until_deadline(errand, mode, capabilities, now, wait, ambiguous=True)
    if reading is Reading.NOT_YET and isinstance(found, Again) and errand.last_sent_at:
        # Ask once more at the instant from which "not found" is final, rather than long after it.
        final_at = errand.last_sent_at + capabilities.not_found_final_after
        return Again(found.mode, max(min(found.due_at, final_at), now + FIRST_REST), ambiguous=True)
    return found


def _mode_after_doubt(errand: Errand, capabilities: Capabilities, now: datetime) -> Mode:
    if capabilities.inquiry:
        return Mode.ASK
    return Mode.SEND if _remembered(errand, capabilities, now) else Mode.ASK


def _remembered(errand: Errand, capabilities: Capabilities, now: datetime) -> bool:
    """Whether the brand still knows the reference, so that sending it again cannot do it twice."""
    if capabilities.key_retention is None or errand.first_sent_at is None:
        return True
    return now < errand.first_sent_at + capabilities.key_retention


def _absent(errand: Errand, capabilities: Capabilities, now: datetime) -> Course:
    again = errand.sends < SENDS_MAX and _remembered(errand, capabilities, now)
    if again and now < deadline(errand, capabilities, mode=Mode.SEND, ambiguous=True):
        return Again(Mode.SEND, now, ambiguous=False)
    if errand.role in OWED or errand.role is Role.TAKE_BACK:
        # There is time: what was sent may still arrive, and nothing hangs on giving it up today.
        return _until_deadline(errand, Mode.ASK, capabilities, now, None, ambiguous=True)
    return _given_up(errand, capabilities, now)


def _given_up(errand: Errand, capabilities: Capabilities, now: datetime) -> Over:
    # What was sent may still arrive, whatever the brand says now.
    return Over(Outcome.ABSENT, now + _first_watch(capabilities) if errand.sends else None)


def _first_watch(capabilities: Capabilities) -> timedelta:
    return max(capabilities.not_found_final_after, timedelta(minutes=1))


def _until_deadline(
    errand: Errand,
    mode: Mode,
    capabilities: Capabilities,
    now: datetime,
    wait: timedelta | None,
    *,
    pending: bool = False,
    ambiguous: bool | None = None,
) -> Course:
    doubt = errand.ambiguous if ambiguous is None else ambiguous
    last = deadline(errand, capabilities, mode=mode, ambiguous=doubt)
    if now >= last:
        return overdue(errand, capabilities, now) if mode is errand.mode else Stuck(_TOO_LATE)
    pause = max(wait or timedelta(), rest(errand.id, errand.attempts, capabilities.timing))
    return Again(mode, min(now + pause, last), doubt, pending)


_TOO_LATE: Final = "The brand's longest delay has passed without an answer."
