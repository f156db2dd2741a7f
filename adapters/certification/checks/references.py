"""References: the same instruction, however often and however fast it comes, is done once."""

import asyncio
from dataclasses import replace

from adapters.certification.check import Group, reversal
from adapters.certification.trial import Trial, told
from adapters.certification.verdict import fall_short
from exchange.brand_system import Answer, Done, Failed, Failure, Instruction, Operation, Pending

GROUP = Group("References", [])

_KEEP = (
    "Keep every reference with what was ordered under it, in the same database transaction as the booking; "
    "answer a repeated one with what you did the first time, and book nothing."
)
_AT_ONCE = 6


@GROUP.check("credit-once", "A credit that is sent twice is booked once", mend=_KEEP)
async def _credit_once(trial: Trial) -> None:
    await _once(trial, trial.instruction(Operation.CREDIT, trial.amount), trial.amount)


@GROUP.check("debit-once", "A debit that is sent twice is booked once", mend=_KEEP)
async def _debit_once(trial: Trial) -> None:
    await trial.credited()
    await _once(trial, trial.instruction(Operation.DEBIT, trial.amount), -trial.amount)


@GROUP.check(
    "changed-duplicate",
    "A reference that was used for another amount is refused",
    mend="Compare a repeated reference's amount and member with the first; if they differ, refuse with a code of its "
    "own, and map that code to duplicate_changed.",
)
async def _changed(trial: Trial) -> None:
    asked = trial.instruction(Operation.CREDIT, trial.amount)
    await trial.done(asked, trial.amount)
    before = await trial.balance()
    changed = replace(asked, amount=2 * trial.amount)
    await trial.refused(changed, Failure.DUPLICATE_CHANGED)
    await trial.moved_by(before, 0)


@GROUP.check(
    "at-once",
    f"{_AT_ONCE} copies of one credit at the same moment are booked once",
    mend="Put a unique index on the reference, and book in the transaction that inserts it: looking it up first does "
    "not help against a copy that arrives at the same moment.",
)
async def _at_once(trial: Trial) -> None:
    before = await trial.balance()
    asked = trial.instruction(Operation.CREDIT, trial.amount)
    answers = await asyncio.gather(*(trial.send(asked) for _ in range(_AT_ONCE)))
    ends = [answer for answer in answers if not _was_busy(answer)]
    if not ends:
        fall_short(f"None of {_AT_ONCE} copies was accepted; the first ended in {told(answers[0])}.")
    done = await _end(trial, asked, ends)
    trial.note(asked, done, trial.amount)
    await trial.moved_by(before, trial.amount)
    if others := [told(answer) for answer in ends if not _stands(answer, done)]:
        fall_short(f"Copies of one instruction ended differently: {told(done)}, {', '.join(sorted(set(others)))}.")


@GROUP.check(
    "refused-again",
    "What was refused is refused again in the same way",
    mend="Answer a repeated reference with the first answer, refusals included.",
)
async def _refused_again(trial: Trial) -> None:
    asked = trial.instruction(Operation.DEBIT, 10**12 * trial.unit)
    first = await trial.refused(asked, Failure.INSUFFICIENT, Failure.LIMIT)
    await trial.refused(asked, first.failure)


@GROUP.check(
    "reversed-stays-known",
    "A credit that was taken back is not booked again when its reference comes once more",
    mend="Do not forget a reference when you reverse what was booked under it.",
    needs=(reversal,),
)
async def _reversed_stays(trial: Trial) -> None:
    asked = trial.instruction(Operation.CREDIT, trial.amount)
    credit = await trial.done(asked, trial.amount)
    await trial.done(trial.follow_up(Operation.REVERSAL, credit, trial.amount), -trial.amount)
    before = await trial.balance()
    await trial.send(asked)
    await trial.moved_by(before, 0)


async def _once(trial: Trial, asked: Instruction, signed: int) -> None:
    before = await trial.balance()
    first = await trial.done(asked, signed)
    await trial.moved_by(before, signed)
    second = await trial.answered(asked)
    done = Done(first.brand_reference)
    if not _stands(second, done):
        fall_short(f"The second time it ended in {told(second)}; the first time it was {told(done)}.")
    await trial.moved_by(before, signed)


def _stands(answer: Answer, done: Done) -> bool:
    """Whether the answer says that what was done the first time stands."""
    match answer:
        case Done():
            return done.brand_reference in {None, answer.brand_reference} or answer.brand_reference is None
        case Failed():
            return answer.failure is Failure.DUPLICATE_SAME
        case Pending():
            return True


def _was_busy(answer: Answer) -> bool:
    return isinstance(answer, Failed) and answer.failure in {Failure.RATE_LIMITED, Failure.NOT_SENT}


async def _end(trial: Trial, asked: Instruction, answers: list[Answer]) -> Done:
    """How the one instruction ended."""
    first = next((answer for answer in answers if isinstance(answer, Done)), answers[0])
    if isinstance(first, Failed) and first.failure in {Failure.DUPLICATE_SAME, Failure.UNKNOWN}:
        end = await trial.settled(await trial.inquired(asked.reference), asked.reference)
    else:
        end = await trial.settled(first, asked.reference)
    return end if isinstance(end, Done) else fall_short(f"It ended in {told(end)}.")
