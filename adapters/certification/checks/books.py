"""The brand's books: its lists and statements tell exactly what was done, at the right time."""

from collections import Counter
from datetime import timedelta
from zoneinfo import ZoneInfo

from adapters.certification.check import Group
from adapters.certification.trial import Booked, Trial, told
from adapters.certification.verdict import fall_short, skip
from exchange.brand_system import BrandTransaction, BrandUnavailable, Failed, Failure

GROUP = Group("Books", [])

_SKEW = timedelta(minutes=5)
_SHOWN = 3


@GROUP.check(
    "list",
    "The list of transactions shows each movement of this run once, and no others under its references",
    mend="List what was booked, with our reference and the sign as the member sees it, by when you booked it.",
)
async def _list(trial: Trial) -> None:
    listed = await _listed(trial)
    wanted = Counter((booked.reference.text, booked.number, booked.signed) for booked in _moved(trial))
    ours = {booked.reference.text for booked in trial.booked}
    seen = Counter((row.our_reference or "", row.number, row.amount) for row in listed if row.our_reference in ours)
    if missing := wanted - seen:
        fall_short(f"The list lacks {_first(trial, missing)}.")
    if surplus := seen - wanted:
        fall_short(f"The list shows what was not done: {_first(trial, surplus)}.")


@GROUP.check(
    "list-order",
    "The list of transactions is sorted by when they were booked",
    mend="Sort the list by the booking time, oldest first, and page through it without gaps.",
)
async def _order(trial: Trial) -> None:
    times = [row.recorded_at for row in await _listed(trial)]
    if times != sorted(times):
        fall_short("A movement stands before an older one.")


@GROUP.check(
    "statement",
    "The day's statement names each movement of this run",
    mend="Write every movement of the day into its statement, with our reference or yours in a column.",
)
async def _statement(trial: Trial) -> None:
    day = trial.clock.now().astimezone(ZoneInfo(trial.capabilities.time_zone)).date()
    if trial.started_at.astimezone(ZoneInfo(trial.capabilities.time_zone)).date() != day:
        skip("the day changed during the run")
    content = await trial.system.fetch_statement(day)
    if isinstance(content, Failed):
        if content.failure is Failure.UNSUPPORTED:
            skip("statements are not mapped")
        fall_short(f"The statement of {day} could not be fetched: {told(content)}.")
    missing = [booked.reference.text for booked in _moved(trial) if not _named(booked, content)]
    if missing:
        fall_short(f"The statement of {day} lacks {len(missing)}: {', '.join(missing[:_SHOWN])}.")


@GROUP.check(
    "clock",
    "The brand's clock is right",
    mend="Set your servers' clocks by NTP, and write instants with their zone.",
)
async def _clock(trial: Trial) -> None:
    booked = await trial.credited()
    told_at = booked.recorded_at
    if told_at is None:
        found = await trial.system.balance(trial.member)
        if isinstance(found, Failed):
            skip("it tells no times")
        told_at = found.as_of
    skew = told_at - trial.clock.now()
    if abs(skew) > _SKEW:
        fall_short(f"It is {skew.total_seconds() / 60:+.0f} minutes off ours.")


async def _listed(trial: Trial) -> list[BrandTransaction]:
    margin = timedelta(hours=2)
    period = (trial.started_at - margin, trial.clock.now() + margin)
    try:
        return [row async for row in trial.system.transactions(*period)]
    except BrandUnavailable as error:
        if error.failed.failure is Failure.UNSUPPORTED:
            skip("lists of transactions are not mapped")
        return fall_short(f"The list could not be read: {told(error.failed)}.")


def _moved(trial: Trial) -> list[Booked]:
    """What moved a balance; holds and releases do not."""
    return [booked for booked in trial.booked if booked.signed]


def _named(booked: Booked, content: bytes) -> bool:
    names = (booked.reference.text, booked.brand_reference)
    return any(name is not None and name.encode() in content for name in names)


def _first(trial: Trial, rows: "Counter[tuple[str, str, int]]") -> str:
    shown = [f"{reference} {trial.text(amount)}" for reference, _, amount in list(rows)[:_SHOWN]]
    more = f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
    return ", ".join(shown) + more
