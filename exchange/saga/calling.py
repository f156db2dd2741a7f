"""From what is written down about a call to the call itself."""

import logging
from typing import Final, assert_never

from exchange.brand_system import (
    Answer,
    BrandSystem,
    BrandSystems,
    Failed,
    Failure,
    FollowUp,
    InquiryAnswer,
    Instruction,
)
from exchange.saga.errands import Mode, Role
from exchange.saga.turns import Call

log = logging.getLogger("agio.saga")

_LOST: Final = Failed(Failure.UNKNOWN, "The adapter failed while it was waiting for the answer.")


async def carry_out(systems: BrandSystems, call: Call) -> Answer | InquiryAnswer:
    """Make the call. Whatever happens, there is an answer: a bug of an adapter is an answer that was lost."""
    try:
        system = systems.of(call.program)
        if call.mode is Mode.ASK:
            return await _ask(system, call)
        return await _send(system, call)
    except Exception:
        log.exception("the adapter failed at %s", call.errand.reference.text)
        return _LOST


async def _ask(system: BrandSystem, call: Call) -> InquiryAnswer:
    errand = call.errand
    return await system.inquire(errand.reference, errand.brand_reference, errand.last_sent_at or errand.created_at)


async def _send(system: BrandSystem, call: Call) -> Answer:
    role = call.errand.role
    match role:
        case Role.DEBIT:
            return await system.debit(_instruction(call))
        case Role.CREDIT:
            return await system.credit(_instruction(call))
        case Role.TAKE_BACK:
            return await system.reverse(_follow_up(call))
        case Role.REFUND | Role.GIVE_BACK:
            return await _give_back(system, call)
        case _:
            assert_never(role)


async def _give_back(system: BrandSystem, call: Call) -> Answer:
    # A system that cannot undo a debit, or not a part of one, is asked to credit the same points.
    capabilities = system.capabilities
    part = call.errand.amount != call.exchange.conversion.source
    if capabilities.reversal and (capabilities.partial_reversal or not part):
        return await system.reverse(_follow_up(call))
    return await system.credit(_instruction(call))


def _instruction(call: Call) -> Instruction:
    errand = call.errand
    return Instruction(errand.reference, call.member, errand.amount, errand.created_at)


def _follow_up(call: Call) -> FollowUp:
    errand = call.errand
    assert call.original is not None, "what is undone was done under a reference"
    return FollowUp(
        errand.reference, call.original, call.original_brand_reference, call.member, errand.amount, errand.created_at
    )
