"""The ledger accounts that the network's books consist of, each spelt once: owner, asset, purpose and limit."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from brands.brand import Brand
from brands.operator import OPERATOR_ID
from brands.program import Program
from brands.right import Right
from brands.settlement_models import NETWORK_MODEL
from ledger import Account, Asset, AssetKind, Limit

MONEY: Final = Asset("CNY", 6, AssetKind.MONEY)
"""Money in micro-CNY; payments are rounded to fen only when they are netted."""


def points_asset(program: Program) -> Asset:
    """The asset of a program's points."""
    return Asset(program.asset, program.scale, AssetKind.POINTS, program.time_zone)


def right_asset(right: Right) -> Asset:
    """The asset of a right: its uses, whole ones."""
    return Asset(right.asset, 0, AssetKind.RIGHT)


def points_account(membership_id: UUID, program: Program) -> Account:
    """A membership's points, in lots that expire; never below zero."""
    return Account(membership_id, program.asset, "member", Limit.DEBITS_MUST_NOT_EXCEED_CREDITS, lots=True)


def mirror_account(membership_id: UUID, program: Program) -> Account:
    """What flowed into (credit) and out of (debit) a card through us, where the brand's own books decide what it has.

    It has no limit and no lots: it says nothing about what the member may spend there.
    """
    return Account(membership_id, program.asset, "mirror")


def member_account(membership_id: UUID, program: Program) -> Account:
    """The card's points, or their mirror where the brand keeps them."""
    return (mirror_account if program.booked_by_brand else points_account)(membership_id, program)


def issued_account(program: Program) -> Account:
    """Where a program's points come from and go back to: minus all points in being."""
    return Account(program.id, program.asset, "issued")


def held_account(program: Program) -> Account:
    """Points taken from members whose exchange is not finished."""
    return Account(program.id, program.asset, "held")


def position_account(participant: Brand, model: str = NETWORK_MODEL) -> Account:
    """What a settlement model owes a participant (credit) or it owes (debit), down to its net debit cap there.

    In other models than the network's, the cap is opened with the model: missing accounts are opened with none.
    """
    line = participant.net_debit_cap if model == NETWORK_MODEL else 0
    purpose = in_model("position", model)
    return Account(participant.id, MONEY.code, purpose, Limit.DEBITS_MUST_NOT_EXCEED_CREDITS, credit_line=line)


def operator_position_account(model: str = NETWORK_MODEL) -> Account:
    """The operator's fees and rounding; without it the nets do not add to zero."""
    return Account(OPERATOR_ID, MONEY.code, in_model("position", model))


def clearing_account(model: str = NETWORK_MODEL) -> Account:
    """Through which the money legs of exchanges pass: zero for every finished exchange."""
    return Account(OPERATOR_ID, MONEY.code, in_model("exchange_clearing", model))


def prefund_account(participant_id: UUID, model: str = NETWORK_MODEL) -> Account:
    """The cash that a participant has deposited; it widens its net debit cap in the model by as much."""
    return Account(participant_id, MONEY.code, in_model("prefund", model), Limit.DEBITS_MUST_NOT_EXCEED_CREDITS)


def in_model(purpose: str, model: str) -> str:
    """The purpose of an account that each settlement model has of its own."""
    return purpose if model == NETWORK_MODEL else f"{purpose}:{model}"


def break_suspense_account(model: str = NETWORK_MODEL) -> Account:
    """What was done at a brand after the exchange had come to nothing, until somebody settles it."""
    return Account(OPERATOR_ID, MONEY.code, in_model("break_suspense", model))


def break_disputed_account(participant_id: UUID, model: str = NETWORK_MODEL) -> Account:
    """What a participant's position was given (debit) or lost (credit) until a dispute about a break is decided."""
    return Account(participant_id, MONEY.code, in_model("break_disputed", model))


def in_flight_accounts(participants: Iterable[UUID], model: str = NETWORK_MODEL) -> list[Account]:
    """What stands between positions and is nobody's position: unfinished exchanges, breaks that are not settled."""
    disputed = [break_disputed_account(who, model) for who in sorted(participants)]
    return [clearing_account(model), break_suspense_account(model), *disputed]


def due_account(participant_id: UUID) -> Account:
    """What a participant has to pay for netted windows."""
    return Account(participant_id, MONEY.code, "due")


def owed_account(participant_id: UUID) -> Account:
    """What a participant is to be paid for netted windows."""
    return Account(participant_id, MONEY.code, "owed")


def bank_account() -> Account:
    """The settlement account at the bank."""
    return Account(OPERATOR_ID, MONEY.code, "bank")


def stock_account(right: Right) -> Account:
    """Where a right's uses come from: minus all uses granted and not voided, down to the stock there is."""
    if right.stock is None:
        return Account(right.id, right.asset, "stock")
    limit = Limit.DEBITS_MUST_NOT_EXCEED_CREDITS
    return Account(right.id, right.asset, "stock", limit, credit_line=right.stock * right.uses)


def grant_account(grant_id: UUID, right: Right) -> Account:
    """The uses left of one grant; never below zero."""
    return Account(grant_id, right.asset, "grant", Limit.DEBITS_MUST_NOT_EXCEED_CREDITS)


def redeemed_account(right: Right) -> Account:
    """The uses of a right that were redeemed."""
    return Account(right.id, right.asset, "redeemed")


def expired_account(right: Right) -> Account:
    """The uses of a right that nobody made in time."""
    return Account(right.id, right.asset, "expired")
