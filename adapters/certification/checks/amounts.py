"""Amounts: exact to the last decimal, never more than there is."""

from adapters.certification.check import Group, decimals
from adapters.certification.trial import Trial
from adapters.certification.verdict import skip
from exchange.brand_system import Failed, Failure, Operation

GROUP = Group("Amounts", [])

_EXACT = (
    "Keep points as whole numbers of their smallest unit, or as exact decimals; a binary float loses the last decimal. "
    "If your points have fewer decimals, say so: capabilities.decimals."
)
_TOO_FEW = "Check the member's balance in the transaction that debits it, and map your code for it to insufficient."


@GROUP.check("smallest", "The smallest amount is booked exactly", mend=_EXACT)
async def _smallest(trial: Trial) -> None:
    await _there_and_back(trial, trial.grain)


@GROUP.check("all-decimals", "Amounts that use every decimal are booked exactly", mend=_EXACT, needs=(decimals,))
async def _all_decimals(trial: Trial) -> None:
    for amount in (trial.unit + trial.grain, 2 * trial.unit - trial.grain, 9 * trial.unit // 10 + trial.unit):
        await _there_and_back(trial, amount)


@GROUP.check("insufficient", "A debit of one unit more than the member has is refused", mend=_TOO_FEW)
async def _insufficient(trial: Trial) -> None:
    before = await trial.balance()
    if before is None:
        skip("the balance cannot be read")
    await trial.refused(trial.instruction(Operation.DEBIT, before + trial.grain), Failure.INSUFFICIENT, Failure.LIMIT)
    await trial.moved_by(before, 0)


@GROUP.check(
    "far-too-much",
    "A debit far beyond everything is refused, and moves nothing",
    mend="Refuse amounts beyond your limits with a code, and map it to limit or insufficient; let nothing overflow.",
)
async def _far_too_much(trial: Trial) -> None:
    before = await trial.balance()
    asked = trial.instruction(Operation.DEBIT, 10**12 * trial.unit)
    await trial.refused(asked, Failure.INSUFFICIENT, Failure.LIMIT, Failure.INVALID)
    await trial.moved_by(before, 0)


@GROUP.check("everything", "The whole balance can be spent, and nothing after it", mend=_TOO_FEW)
async def _everything(trial: Trial) -> None:
    await trial.credited()
    whole = await trial.balance()
    if not whole:
        skip("the balance cannot be read")
    asked = trial.instruction(Operation.DEBIT, whole)
    answer = await trial.answered(asked)
    if isinstance(answer, Failed) and answer.failure is Failure.LIMIT:
        skip("the test member has more than may be debited at once")
    await trial.done(asked, -whole) if isinstance(answer, Failed) else trial.note(asked, answer, -whole)
    await trial.moved_by(whole, -whole)
    await trial.refused(trial.instruction(Operation.DEBIT, trial.grain), Failure.INSUFFICIENT, Failure.LIMIT)
    await trial.credited(whole)


async def _there_and_back(trial: Trial, amount: int) -> None:
    before = await trial.balance()
    await trial.credited(amount)
    await trial.moved_by(before, amount)
    await trial.debited(amount)
    await trial.moved_by(before, 0)
