"""Reversals: whole, in part, never more than was done, never twice."""

from dataclasses import replace

from adapters.certification.check import Group, partial_reversal, reversal
from adapters.certification.trial import Booked, Trial, told
from adapters.certification.verdict import fall_short
from core.ids import new_id
from exchange.brand_system import Done, Failed, Failure, Operation

GROUP = Group("Reversals", [])

_WHOLE = "Let a reversal name the original by our reference or by yours, and move exactly what the original moved."
_NO_MORE = "Keep with each transaction how much of it was reversed, and refuse what would go beyond."


@GROUP.check("reverse-credit", "A credit can be taken back whole", mend=_WHOLE, needs=(reversal,))
async def _credit(trial: Trial) -> None:
    before = await trial.balance()
    await _reverse(trial, await trial.credited(), trial.amount)
    await trial.moved_by(before, 0)


@GROUP.check("reverse-debit", "A debit can be given back whole", mend=_WHOLE, needs=(reversal,))
async def _debit(trial: Trial) -> None:
    await trial.credited()
    before = await trial.balance()
    await _reverse(trial, await trial.debited(), trial.amount)
    await trial.moved_by(before, 0)


@GROUP.check(
    "reverse-parts",
    "Two parts of a credit can be taken back one after the other",
    mend="Allow several reversals of one transaction as long as they do not exceed it, or set "
    "capabilities.partial_reversal = false.",
    needs=(partial_reversal,),
)
async def _parts(trial: Trial) -> None:
    before = await trial.balance()
    credit = await trial.credited()
    part = 4 * trial.unit
    await _reverse(trial, credit, part)
    await trial.moved_by(before, trial.amount - part)
    await _reverse(trial, credit, trial.amount - part, 1)
    await trial.moved_by(before, 0)


@GROUP.check("reverse-exceeding", "More than was done cannot be taken back", mend=_NO_MORE, needs=(reversal,))
async def _exceeding(trial: Trial) -> None:
    credit = await trial.credited()
    before = await trial.balance()
    asked = trial.follow_up(Operation.REVERSAL, credit, trial.amount + trial.grain)
    await trial.refused(asked, Failure.REVERSAL_EXCEEDS, Failure.UNSUPPORTED, Failure.INVALID)
    await trial.moved_by(before, 0)


@GROUP.check("reverse-twice", "What was taken back cannot be taken back again", mend=_NO_MORE, needs=(reversal,))
async def _twice(trial: Trial) -> None:
    credit = await trial.credited()
    await _reverse(trial, credit, trial.amount)
    before = await trial.balance()
    again = trial.follow_up(Operation.REVERSAL, credit, trial.amount, 1)
    await trial.refused(again, Failure.ALREADY_REVERSED, Failure.REVERSAL_EXCEEDS)
    await trial.moved_by(before, 0)


@GROUP.check(
    "reverse-once",
    "A reversal that is sent twice is booked once",
    mend="References of reversals are references as well: keep them, and answer a repeated one as the first time.",
    needs=(reversal,),
)
async def _once(trial: Trial) -> None:
    credit = await trial.credited()
    before = await trial.balance()
    amount = 4 * trial.unit if trial.capabilities.partial_reversal else trial.amount
    asked = trial.follow_up(Operation.REVERSAL, credit, amount)
    await trial.done(asked, -amount)
    answer = await trial.send(asked)
    stands = {Failure.DUPLICATE_SAME, Failure.ALREADY_REVERSED}
    if isinstance(answer, Failed) and answer.failure not in stands:
        fall_short(f"The second time it ended in {told(answer)}.")
    await trial.moved_by(before, -amount)


@GROUP.check(
    "reverse-nothing",
    "What was never done cannot be taken back",
    mend="Refuse reversals whose original you do not know.",
    needs=(reversal,),
)
async def _nothing(trial: Trial) -> None:
    before = await trial.balance()
    never = Booked(replace(trial.instruction(Operation.CREDIT, 1).reference, exchange_id=new_id()), None, "", 0, None)
    answer = await trial.answered(trial.follow_up(Operation.REVERSAL, never, trial.amount))
    if isinstance(answer, Done):
        fall_short(f"The reversal of a credit that was never sent is {told(answer)}.")
    await trial.moved_by(before, 0)


async def _reverse(trial: Trial, credit_or_debit: Booked, amount: int, sequence: int = 0) -> Booked:
    signed = -amount if credit_or_debit.signed > 0 else amount
    return await trial.done(trial.follow_up(Operation.REVERSAL, credit_or_debit, amount, sequence), signed)
