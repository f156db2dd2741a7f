"""Holds: points set aside are neither spent nor lost."""

from adapters.certification.check import Group, hold
from adapters.certification.trial import Booked, Trial
from adapters.certification.verdict import skip
from exchange.brand_system import Failure, Operation

GROUP = Group("Holds", [])


@GROUP.check(
    "hold-capture",
    "What was set aside can be taken, once",
    mend="A capture takes exactly what was set aside, and closes the hold.",
    needs=(hold,),
)
async def _capture(trial: Trial) -> None:
    await trial.credited()
    before = await trial.balance()
    held = await _hold(trial)
    await trial.done(trial.follow_up(Operation.CAPTURE, held, trial.amount), -trial.amount)
    await trial.moved_by(before, -trial.amount)
    again = trial.follow_up(Operation.CAPTURE, held, trial.amount, 1)
    await trial.refused(again, Failure.ALREADY_REVERSED, Failure.REVERSAL_EXCEEDS, Failure.INVALID)
    await trial.moved_by(before, -trial.amount)


@GROUP.check(
    "hold-release",
    "What was set aside can be given back",
    mend="A release ends the hold; the member may spend the points again.",
    needs=(hold,),
)
async def _release(trial: Trial) -> None:
    await trial.credited()
    before = await trial.balance()
    held = await _hold(trial)
    await trial.done(trial.follow_up(Operation.RELEASE, held, trial.amount), 0)
    await trial.moved_by(before, 0)
    await trial.debited()


@GROUP.check(
    "hold-guards",
    "What is set aside cannot be spent",
    mend="Subtract open holds from what a debit may take.",
    needs=(hold,),
)
async def _guards(trial: Trial) -> None:
    await trial.credited()
    whole = await trial.balance()
    if whole is None:
        skip("the balance cannot be read")
    held = await _hold(trial)
    await trial.refused(trial.instruction(Operation.DEBIT, whole), Failure.INSUFFICIENT, Failure.LIMIT)
    await trial.done(trial.follow_up(Operation.RELEASE, held, trial.amount), 0)


async def _hold(trial: Trial) -> Booked:
    return await trial.done(trial.instruction(Operation.HOLD, trial.amount), 0)
