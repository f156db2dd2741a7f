"""Members: known ones, strangers, other names, tiers and links."""

from dataclasses import replace

from adapters.certification.check import Group, mapped
from adapters.certification.trial import Trial, told
from adapters.certification.verdict import fall_short, skip
from brands.adapter.kinds import Call
from exchange.brand_system import Failed, Failure, LinkedMember, MemberReference, Operation

GROUP = Group("Members", [])

_STRANGERS = "Refuse numbers that do not exist with a code of their own, and map it to member_not_found."


@GROUP.check(
    "health",
    "The system says that it is up",
    mend="Answer the health call with a 2xx status while debits and credits can be booked.",
    needs=(mapped(Call.HEALTH),),
)
async def _health(trial: Trial) -> None:
    health = await trial.system.health()
    if not health.up:
        fall_short(f"It says it is down: {health.message}.")


@GROUP.check(
    "validate",
    "The test member can be validated",
    mend="Check the test member's number, and the mapping of the validate call.",
)
async def _validate(trial: Trial) -> None:
    found = _known(await trial.system.validate(trial.member))
    if found.number != trial.member.number:
        fall_short(f"It answered for member {found.number}.")


@GROUP.check("validate-stranger", "A number that does not exist cannot be validated", mend=_STRANGERS)
async def _validate_stranger(trial: Trial) -> None:
    found = await trial.system.validate(_stranger(trial))
    _refused(found, Failure.MEMBER_NOT_FOUND)


@GROUP.check(
    "validate-other-name",
    "The test member's number with another name cannot be validated",
    mend="Compare the name with your member's, and map the code of your refusal to name_mismatch.",
)
async def _other_name(trial: Trial) -> None:
    if trial.member.name is None:
        skip("no name was given (--name)")
    found = await trial.system.validate(replace(trial.member, name=f"{trial.member.name}x"))
    _refused(found, Failure.NAME_MISMATCH)


@GROUP.check("credit-stranger", "A number that does not exist is credited nothing", mend=_STRANGERS)
async def _credit_stranger(trial: Trial) -> None:
    asked = trial.instruction(Operation.CREDIT, trial.amount, trial.stranger)
    await trial.refused(asked, Failure.MEMBER_NOT_FOUND, Failure.NOT_LINKED)


@GROUP.check("debit-stranger", "A number that does not exist is debited nothing", mend=_STRANGERS)
async def _debit_stranger(trial: Trial) -> None:
    asked = trial.instruction(Operation.DEBIT, trial.amount, trial.stranger)
    await trial.refused(asked, Failure.MEMBER_NOT_FOUND, Failure.NOT_LINKED)


@GROUP.check(
    "tier",
    "The member's tier is one that the network knows",
    mend="Add the tier to the program's tiers in your network file, or mend the mapping of the tier call.",
)
async def _tier(trial: Trial) -> None:
    found = await trial.system.tier(trial.member)
    if isinstance(found, Failed):
        _skip_unsupported(found)
        fall_short(f"It ended in {told(found)}.")
    if trial.tiers and found not in trial.tiers:
        fall_short(f"It is {found}; the network knows {', '.join(sorted(trial.tiers))}.")


@GROUP.check(
    "link",
    "A member can be linked twice, unlinked, and linked again",
    mend="Answer a second link as the first, and let the member be linked again after unlinking.",
    needs=(mapped(Call.LINK),),
)
async def _link(trial: Trial) -> None:
    first, second = [_known(await trial.system.link(trial.member)) for _ in range(2)]
    if first.number != second.number:
        fall_short(f"The first link was of {first.number}, the second of {second.number}.")
    untied = await trial.system.unlink(replace(trial.member, link=first.link))
    if isinstance(untied, Failed):
        _skip_unsupported(untied)
        fall_short(f"Unlinking ended in {told(untied)}.")
    _known(await trial.system.link(trial.member))


def _stranger(trial: Trial) -> MemberReference:
    return replace(trial.member, number=trial.stranger)


def _known(found: LinkedMember | Failed) -> LinkedMember:
    if isinstance(found, Failed):
        _skip_unsupported(found)
        fall_short(f"It ended in {told(found)}.")
    return found


def _refused(found: LinkedMember | Failed, expected: Failure) -> None:
    if isinstance(found, LinkedMember):
        fall_short(f"Member {found.number} was welcomed.")
    _skip_unsupported(found)
    if found.failure is not expected:
        fall_short(f"It ended in {told(found)}, not in {expected}.")


def _skip_unsupported(found: Failed) -> None:
    if found.failure is Failure.UNSUPPORTED:
        skip(f"not supported: {found.message or 'not mapped'}")
