"""What kind of brand the simulator plays: its program, its rules, and the mistakes it makes on purpose."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

DAY_SECONDS: Final = 86_400


class Flaw(StrEnum):
    """A mistake that real brands' systems make, and that the conformance suite has to find."""

    BOOKS_TWICE = "books_twice"
    """References are not looked at: what is sent twice is done twice."""
    TAKES_CHANGED_DUPLICATES = "takes_changed_duplicates"
    """A reference with other content is answered as if it were the same."""
    OVERDRAWS = "overdraws"
    """Members may spend what they have not got."""
    REVERSES_TOO_MUCH = "reverses_too_much"
    """More can be taken back than was given."""
    REVERSES_TWICE = "reverses_twice"
    """A second reversal is accepted although everything was taken back."""
    KNOWS_EVERYBODY = "knows_everybody"
    """Member numbers that never were are welcomed."""
    FORGETS_INQUIRIES = "forgets_inquiries"
    """An inquiry finds nothing, whatever was done."""
    INVENTS_INQUIRIES = "invents_inquiries"
    """An inquiry finds success, whatever was asked."""
    NEVER_DECIDES = "never_decides"
    """What is pending stays so."""
    OMITS_FROM_STATEMENT = "omits_from_statement"
    """Every statement lacks its last movement."""
    OMITS_FROM_LIST = "omits_from_list"
    """The list of transactions lacks its last movement."""
    ROUNDS = "rounds"
    """Decimals are dropped."""
    SIGNS_WRONGLY = "signs_wrongly"
    """Webhooks carry a signature made with another secret."""
    WRONG_CLOCK = "wrong_clock"
    """Its clock is an hour ahead."""
    RACES = "races"
    """It looks a reference up, waits, and then books without looking again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The brand that is played."""

    program: str = "SIM"
    decimals: int = 0
    key: str = "simulator-key"
    """The bearer token that callers must show."""
    time_zone: str = "Asia/Shanghai"
    tiers: tuple[str, ...] = ("blue", "silver", "gold")
    amount_max: int | None = None
    """The most that one instruction may move, in minor units."""
    links_required: bool = False
    """Whether a member must be linked before points move."""
    validation_required: bool = False
    """Whether every debit, credit and hold needs a member validation of its own."""
    validation_seconds: float = 900
    holds: bool = True
    partial_reversals: bool = True
    reversal_window_seconds: float | None = 180 * DAY_SECONDS
    key_retention_seconds: float | None = None
    """How long references are remembered; None: for ever."""
    answers_later_seconds: float | None = None
    """When set, every instruction is pending for so long."""
    requests_per_second: float | None = None
    webhook_url: str | None = None
    webhook_secret: str = "whsec_c2ltdWxhdG9yLXdlYmhvb2stc2VjcmV0LTMy"  # noqa: S105 - a well-known one, for tests
    magic_amounts: bool = True
    flaws: frozenset[Flaw] = frozenset()
