"""What a check is, and when it makes no sense."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from adapters.certification.trial import Trial
from brands.adapter.kinds import Call
from exchange.brand_system import Timing

Body: TypeAlias = Callable[[Trial], Awaitable[None]]
Need: TypeAlias = Callable[[Trial], str | None]
"""Why a check that needs something is skipped; None: it is there."""


@dataclass(frozen=True, slots=True)
class Check:
    """One question to a brand's system."""

    code: str
    title: str
    """The promise that is looked at."""
    mend: str
    """What the brand's engineers do when it is not kept."""
    needs: tuple[Need, ...]
    run: Body

    def missing(self, trial: Trial) -> str | None:
        """Why it is skipped."""
        return next((reason for need in self.needs if (reason := need(trial))), None)


@dataclass(slots=True)
class Group:
    """The checks on one subject, in the order in which they are run."""

    name: str
    checks: list[Check]

    def check(self, code: str, title: str, *, mend: str, needs: tuple[Need, ...] = ()) -> Callable[[Body], Body]:
        """Make a check of a function."""

        def add(body: Body) -> Body:
            self.checks.append(Check(code, title, mend, needs, body))
            return body

        return add


def mapped(call: Call) -> Need:
    """The system is really asked; where nothing is mapped, something else may stand in for it."""
    return lambda trial: f"not offered: the call {call} is not mapped" if call in trial.unmapped else None


def inquiry(trial: Trial) -> str | None:
    """The system can be asked what became of an instruction."""
    return None if trial.capabilities.inquiry else "capability inquiry = false"


def reversal(trial: Trial) -> str | None:
    """The system can take something back."""
    return None if trial.capabilities.reversal else "capability reversal = false"


def partial_reversal(trial: Trial) -> str | None:
    """The system can take a part of something back."""
    return reversal(trial) or (None if trial.capabilities.partial_reversal else "capability partial_reversal = false")


def hold(trial: Trial) -> str | None:
    """The system can set points aside."""
    return None if trial.capabilities.hold else "capability hold = false"


def decimals(trial: Trial) -> str | None:
    """The system's points have decimals."""
    return None if trial.capabilities.decimals else "its points have no decimals"


def line(trial: Trial) -> str | None:
    """There is a line that can be disturbed."""
    return None if trial.line else "there is no line to disturb: nothing is called over HTTP"


def webhooks(trial: Trial) -> str | None:
    """Webhooks reach us."""
    return None if trial.posts else "webhooks are not listened to (--listen PORT) or not mapped"


def later(trial: Trial) -> str | None:
    """The system decides later."""
    at_once = trial.capabilities.timing is Timing.REALTIME
    return "timing = realtime: it answers at once" if at_once else None


def not_files(trial: Trial) -> str | None:
    """The system answers while we wait."""
    return "timing = file: answers come by tomorrow's file" if trial.capabilities.timing is Timing.FILE else None
