"""Inquiries: what became of an instruction, whatever happened to its answer."""

from adapters.certification.check import Group, inquiry, later
from adapters.certification.trial import Trial, told
from adapters.certification.verdict import fall_short
from exchange.brand_system import Done, Failure, NotFound, Operation, Pending

GROUP = Group("Inquiries", [])

_ASK = "Let transactions be looked up by our reference, whatever became of them."


@GROUP.check("finds-done", "An inquiry finds what was done, by our reference alone", mend=_ASK, needs=(inquiry,))
async def _finds_done(trial: Trial) -> None:
    credit = await trial.credited()
    found = await trial.inquired(credit.reference)
    if not isinstance(found, Done):
        fall_short(f"After a credit that was done, the inquiry says {told(found)}.")
    if None not in {found.brand_reference, credit.brand_reference} and found.brand_reference != credit.brand_reference:
        fall_short(f"The credit was {credit.brand_reference}; the inquiry says {found.brand_reference}.")


@GROUP.check(
    "tells-refusal",
    "An inquiry about a refused instruction never says that it was done",
    mend="Answer with the refusal, or that there is no such transaction.",
    needs=(inquiry,),
)
async def _tells_refusal(trial: Trial) -> None:
    asked = trial.instruction(Operation.DEBIT, 10**12 * trial.unit)
    await trial.refused(asked, Failure.INSUFFICIENT, Failure.LIMIT, Failure.INVALID)
    found = await trial.inquired(asked.reference)
    if isinstance(found, Done | Pending):
        fall_short(f"The debit was refused; the inquiry says {told(found)}.")


@GROUP.check(
    "not-found",
    "An inquiry about what was never sent finds nothing, and says so clearly",
    mend="Answer unknown references with a clear not found (a status or a code that is mapped to not_found), not with "
    "an error that could mean anything.",
    needs=(inquiry,),
)
async def _not_found(trial: Trial) -> None:
    never_sent = trial.instruction(Operation.CREDIT, trial.amount).reference
    early = await trial.inquired(never_sent)
    if not isinstance(early, NotFound):
        fall_short(f"It was never sent; the inquiry says {told(early)}.")
    if early.final and trial.capabilities.not_found_final_after:
        fall_short("It says that what was sent just now will never arrive.")


@GROUP.check(
    "not-found-final",
    "What is not found long after it was sent is finally not done",
    mend="Set capabilities.not_found_final_after_seconds to the time after which a request cannot arrive any more.",
    needs=(inquiry,),
)
async def _final(trial: Trial) -> None:
    never_sent = trial.instruction(Operation.CREDIT, trial.amount).reference
    found = await trial.inquired(never_sent, trial.long_ago())
    if not isinstance(found, NotFound) or not found.final:
        fall_short(f"The inquiry says {told(found)}.")


@GROUP.check(
    "pending-ends",
    "What is pending ends, and the inquiry tells how",
    mend="Decide what you accepted within capabilities.longest_delay, and let the inquiry tell the end.",
    needs=(inquiry, later),
)
async def _pending_ends(trial: Trial) -> None:
    before = await trial.balance()
    asked = trial.instruction(Operation.CREDIT, trial.amount)
    await trial.done(asked, trial.amount)
    await trial.moved_by(before, trial.amount)
    found = await trial.inquired(asked.reference)
    if not isinstance(found, Done):
        fall_short(f"It ended, and then the inquiry says {told(found)}.")
