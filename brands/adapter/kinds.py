"""Where points live, how they are reached, and which calls a brand's system may know."""

from enum import StrEnum


class AdapterKind(StrEnum):
    """Where the points live and how they are reached."""

    PLATFORM = "platform"
    """In our own ledger: there is nothing outside to call."""
    REST = "rest"
    """By JSON over HTTP, as mapped in the network file."""
    GRAPHQL = "graphql"
    """By GraphQL documents over HTTP, as mapped in the network file."""
    FILE = "file"
    """By files in two folders: instructions out, answers in."""
    SIMULATOR = "simulator"
    """By HTTP to the simulator of ours that plays a brand; its mapping is built in."""


class BookOfRecord(StrEnum):
    """Whose books decide what a member has."""

    BRAND = "brand"
    PLATFORM = "platform"


class Timing(StrEnum):
    """When a brand's system answers."""

    REALTIME = "realtime"
    BATCH = "batch"
    """It accepts at once and decides later: answers are `Pending` until then."""
    FILE = "file"
    """It is told and answers by files once a day."""


class AmountForm(StrEnum):
    """How amounts of points stand in messages."""

    DECIMAL = "decimal"
    """Text with a decimal point: `"12.50"`."""
    NUMBER = "number"
    """A JSON number: `12.5`."""
    MINOR = "minor"
    """Whole minor units: `1250` for 12.50 with two decimals."""


class Call(StrEnum):
    """What can be asked of a brand's system; the words of `[programs.CODE.adapter.calls.WORD]`."""

    HEALTH = "health"
    LINK = "link"
    VALIDATE = "validate"
    UNLINK = "unlink"
    BALANCE = "balance"
    TIER = "tier"
    DEBIT = "debit"
    CREDIT = "credit"
    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"
    REVERSE = "reverse"
    INQUIRE = "inquire"
    TRANSACTIONS = "transactions"
    STATEMENT = "statement"


OPENING_CALLS = frozenset({Call.DEBIT, Call.CREDIT, Call.HOLD})
"""The instructions that begin something."""

FOLLOWING_CALLS = frozenset({Call.CAPTURE, Call.RELEASE, Call.REVERSE})
"""The instructions about something that was done before."""

INSTRUCTIONS = OPENING_CALLS | FOLLOWING_CALLS
"""The calls that change what a member has."""

MEMBER_CALLS = frozenset({Call.LINK, Call.VALIDATE, Call.UNLINK, Call.BALANCE, Call.TIER})
"""The calls about a member alone."""
