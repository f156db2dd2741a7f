"""A disturbed line: whatever happens to a message, it is understood rightly and nothing is booked twice."""

from adapters.certification.check import Group, inquiry, line
from adapters.certification.line import Disturbance
from adapters.certification.trial import Trial, told
from adapters.certification.verdict import fall_short, skip
from exchange.brand_system import Answer, Done, Failed, Failure, Instruction, NotFound, Operation

GROUP = Group("Disturbances", [])

_NEEDS = (line, inquiry)
_UNSURE = "Answer with a status and a body from which done, pending and each refusal can be told apart with certainty."
_FIND = (
    "Book an instruction before you answer, under our reference, so that an inquiry finds it when the answer is lost."
)


@GROUP.check(
    "lost-answer", "A credit whose answer is lost is found by an inquiry, booked once", mend=_FIND, needs=_NEEDS
)
async def _lost_answer(trial: Trial) -> None:
    await _found_after(trial, Disturbance.LOST_ANSWER)


@GROUP.check("half-answer", "Half an answer is no answer; an inquiry finds the credit", mend=_UNSURE, needs=_NEEDS)
async def _half_answer(trial: Trial) -> None:
    await _found_after(trial, Disturbance.HALF_ANSWER)


@GROUP.check("malformed-answer", "An answer that makes no sense is not guessed at", mend=_UNSURE, needs=_NEEDS)
async def _malformed(trial: Trial) -> None:
    await _found_after(trial, Disturbance.MALFORMED_ANSWER)


@GROUP.check("late-answer", "An answer after the deadline is not waited for", mend=_FIND, needs=_NEEDS)
async def _late(trial: Trial) -> None:
    await _found_after(trial, Disturbance.LATE_ANSWER)


@GROUP.check(
    "gateway-error", "An error of a gateway on the way does not hide what was booked", mend=_FIND, needs=_NEEDS
)
async def _error_after(trial: Trial) -> None:
    await _found_after(trial, Disturbance.ERROR_AFTER)


@GROUP.check(
    "lost-request",
    "A credit that never arrives is not found, and is booked once when it is sent again",
    mend="Let an inquiry say clearly that a reference is unknown, and accept that reference afterwards.",
    needs=_NEEDS,
)
async def _lost_request(trial: Trial) -> None:
    before = await trial.balance()
    asked = trial.instruction(Operation.CREDIT, trial.amount)
    _unsure(await _disturbed(trial, asked, Disturbance.LOST_REQUEST), Failure.UNKNOWN, Failure.NOT_SENT)
    found = await trial.inquired(asked.reference)
    if not isinstance(found, NotFound):
        fall_short(f"It never arrived; the inquiry says {told(found)}.")
    await trial.done(asked, trial.amount)
    await trial.moved_by(before, trial.amount)


@GROUP.check(
    "too-many",
    "429 with Retry-After is understood: nothing was done, come back later",
    mend="Map status 429 to rate_limited, and answer it only when nothing was done.",
    needs=(line,),
)
async def _too_many(trial: Trial) -> None:
    before = await trial.balance()
    asked = trial.instruction(Operation.CREDIT, trial.amount)
    _unsure(await _disturbed(trial, asked, Disturbance.TOO_MANY), Failure.RATE_LIMITED)
    await trial.moved_by(before, 0)


@GROUP.check(
    "without-key",
    "A call without our credentials is refused",
    mend="Refuse every call whose credentials are missing with 401 or 403, and map it to auth.",
    needs=(line,),
)
async def _without_key(trial: Trial) -> None:
    before = await trial.balance()
    asked = trial.instruction(Operation.CREDIT, trial.amount)
    _unsure(await _disturbed(trial, asked, Disturbance.STRIPPED), Failure.AUTH)
    await trial.moved_by(before, 0)


async def _found_after(trial: Trial, disturbance: Disturbance) -> None:
    """A credit under the disturbance is unknown, an inquiry finds it, and it was booked once."""
    before = await trial.balance()
    asked = trial.instruction(Operation.CREDIT, trial.amount)
    _unsure(await _disturbed(trial, asked, disturbance), Failure.UNKNOWN)
    found = await trial.settled(await trial.inquired(asked.reference), asked.reference)
    if not isinstance(found, Done):
        fall_short(f"The brand had the credit; the inquiry says {told(found)}.")
    trial.note(asked, found, trial.amount)
    await trial.moved_by(before, trial.amount)
    again = await trial.answered(asked)
    if isinstance(again, Failed) and again.failure is not Failure.DUPLICATE_SAME:
        fall_short(f"Sent once more, it ended in {told(again)}.")
    await trial.moved_by(before, trial.amount)


async def _disturbed(trial: Trial, asked: Instruction, disturbance: Disturbance) -> Answer:
    if trial.line is None:
        skip("there is no line to disturb")
    trial.line.disturb(asked.reference.text, disturbance)
    count = len(trial.line.met)
    try:
        answer = await trial.send(asked)
    finally:
        trial.line.calm()
    if len(trial.line.met) == count:
        skip("the instruction does not carry our reference, so that it was not recognised on the line")
    return answer


def _unsure(answer: Answer, *expected: Failure) -> None:
    if not isinstance(answer, Failed) or answer.failure not in expected:
        fall_short(f"The answer was understood as {told(answer)}, not as {' or '.join(expected)}.")
