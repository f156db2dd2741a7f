"""The suite: every check in its order, run one after the other."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from adapters.certification.check import Check, Group
from adapters.certification.checks import (
    amounts,
    books,
    disturbances,
    events,
    holds,
    inquiries,
    members,
    references,
    reversals,
)
from adapters.certification.trial import Trial
from adapters.certification.verdict import Outcome, Result, Shortfall, Skipped, Undecided
from exchange.brand_system import BrandSystems, Failed, Operation

GROUPS: tuple[Group, ...] = (
    members.GROUP,
    references.GROUP,
    amounts.GROUP,
    inquiries.GROUP,
    reversals.GROUP,
    holds.GROUP,
    disturbances.GROUP,
    events.GROUP,
    books.GROUP,
)
"""`books` is last: it looks at what the others did."""

_SECONDS_MAX = 30
"""For one check, beyond our patience and the deadlines of its calls."""
_CALLS_MAX = 12

Seen = Callable[[Result], None]


def checks(only: Iterable[str] = ()) -> list[tuple[Group, Check]]:
    """All checks, or those with these codes or of these groups."""
    wanted = {name.casefold() for name in only}
    every = [(group, check) for group in GROUPS for check in group.checks]
    return [pair for pair in every if not wanted or {pair[0].name.casefold(), pair[1].code} & wanted]


async def run(
    trial: Trial, systems: BrandSystems | None = None, *, only: Iterable[str] = (), seen: Seen = lambda _: None
) -> tuple[Result, ...]:
    """Run the checks, tell `seen` of each result, and give the test member back what they had."""
    before = await _balance(trial)
    results = []
    for group, check in checks(only):
        result = await _recorded(trial, group, check, systems)
        results.append(result)
        seen(result)
    await _restore(trial, before)
    return tuple(results)


async def _recorded(trial: Trial, group: Group, check: Check, systems: BrandSystems | None) -> Result:
    if systems is None:
        return await _result(trial, group, check)
    with systems.recording() as records:
        result = await _result(trial, group, check)
        return replace(result, messages=tuple(records))


async def _result(trial: Trial, group: Group, check: Check) -> Result:
    began = time.monotonic()
    outcome, found, mend = await _ended(trial, check)
    return Result(check.code, group.name, check.title, outcome, found, mend, time.monotonic() - began)


async def _ended(trial: Trial, check: Check) -> tuple[Outcome, str, str]:
    if reason := check.missing(trial):
        return Outcome.SKIPPED, reason, ""
    seconds = _SECONDS_MAX + trial.patience_seconds + _CALLS_MAX * trial.capabilities.deadline_seconds
    try:
        await asyncio.wait_for(check.run(trial), seconds)
    except Shortfall as error:
        return Outcome.FAILED, error.found, error.mend or check.mend
    except (Skipped, Undecided) as error:
        return error.outcome, str(error), ""
    except TimeoutError:
        return Outcome.FAILED, f"It did not end within {seconds:.0f} seconds.", check.mend
    except Exception as error:  # noqa: BLE001 - one check's bug must not hide the others' results
        return Outcome.FAILED, f"The adapter raised {type(error).__name__}: {error}", "This is a bug of ours: tell us."
    return Outcome.PASSED, "", ""


async def _balance(trial: Trial) -> int | None:
    found = await trial.system.balance(trial.member)
    return None if isinstance(found, Failed) else found.amount


async def _restore(trial: Trial, before: int | None) -> None:
    """Give back, or take back, what the checks left on the test member; as far as the system lets us.

    Where the balance could not be read at the beginning, it is what the brand has confirmed.
    """
    after = await _balance(trial)
    known = before is not None and after is not None
    left = (after or 0) - (before or 0) if known else sum(booked.signed for booked in trial.booked)
    if left:
        operation = Operation.DEBIT if left > 0 else Operation.CREDIT
        with contextlib.suppress(Shortfall, Skipped, Undecided):
            await trial.answered(trial.instruction(operation, abs(left)))
