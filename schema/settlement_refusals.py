"""Why a settlement window does not move on."""

from typing import TypeAlias, assert_never

import strawberry

import core.refusals
import settlement
from schema.refusals import NetDebitCapReached, Refusal, net_debit_cap_reached

strawberry.enum(settlement.Status, name="WindowStatus")


@strawberry.type
class WindowNotFound(Refusal):
    """There is no such window."""


@strawberry.type
class WrongStep(Refusal):
    """The window is not at the point where this step can be taken."""

    status: settlement.Status
    """Where it is."""
    needed: settlement.Status
    """Where it would have to be."""


@strawberry.type
class BooksDiffer(Refusal):
    """Lines of the window are not borne out by the exchanges and rights they stand for."""

    differences: int
    """How many were found."""


@strawberry.type
class SamePerson(Refusal):
    """Whoever submitted the window cannot also decide on it."""


@strawberry.type
class ReasonMissing(Refusal):
    """The step has to be explained: give a reason."""


@strawberry.type
class FiguresChanged(Refusal):
    """The figures are not those that were submitted."""

    submitted: str
    """The digest of the figures that were submitted."""
    found: str
    """The digest of the figures found in the books, or the one that was named."""


@strawberry.type
class CutOffImpossible(Refusal):
    """A window ends after the one before it and not in the future."""


StepRefused: TypeAlias = (
    WindowNotFound
    | WrongStep
    | BooksDiffer
    | SamePerson
    | ReasonMissing
    | FiguresChanged
    | NetDebitCapReached
    | CutOffImpossible
)
"""Any of them: each step can give some."""

StepRefusal: TypeAlias = (
    settlement.WindowNotFound
    | settlement.WrongStep
    | settlement.BooksDiffer
    | settlement.SamePerson
    | settlement.ReasonMissing
    | settlement.FiguresChanged
    | core.refusals.NetDebitCapReached
    | settlement.CutOffImpossible
)
"""The same as the domain says them."""


def step_refused(refusal: StepRefusal) -> StepRefused:
    """As the graph says it."""
    message = refusal.message
    match refusal:
        case settlement.WindowNotFound():
            return WindowNotFound(message=message)
        case settlement.WrongStep(_, status, needed):
            return WrongStep(message=message, status=status, needed=needed)
        case settlement.BooksDiffer(_, differences):
            return BooksDiffer(message=message, differences=len(differences))
        case settlement.SamePerson():
            return SamePerson(message=message)
        case settlement.ReasonMissing():
            return ReasonMissing(message=message)
        case settlement.FiguresChanged(_, submitted, found):
            return FiguresChanged(message=message, submitted=submitted, found=found)
        case settlement.CutOffImpossible():
            return CutOffImpossible(message=message)
        case core.refusals.NetDebitCapReached():
            return net_debit_cap_reached(refusal)
        case _:
            assert_never(refusal)
