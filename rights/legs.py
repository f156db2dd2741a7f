"""The linked transfers of a grant, a redemption and an expiry. Pure: no database, no clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from brands import NETWORK_MODEL, Brand, Program, Right
from brands.accounts import (
    expired_account,
    grant_account,
    issued_account,
    points_account,
    position_account,
    redeemed_account,
    stock_account,
)
from core.codes import Code
from core.ids import derive_id
from ledger import Account, Transfer


@dataclass(frozen=True, slots=True)
class Leg:
    """One transfer before it is posted, by its accounts."""

    name: str
    debit: Account
    credit: Account
    amount: int
    code: Code

    def transfer(self, reference: UUID) -> Transfer:
        """The transfer of this leg in the group of `reference`."""
        return Transfer(
            id=derive_id(reference, self.name),
            debit_account_id=self.debit.id,
            credit_account_id=self.credit.id,
            amount=self.amount,
            code=self.code,
            group_id=reference,
            reference=reference,
        )


@dataclass(frozen=True, slots=True)
class Payment:
    """What a right is paid with."""

    program: Program
    membership_id: UUID
    price: int
    """In minor units of the program's points."""
    payer: Brand
    """The participant that answers for the points."""
    value_micro: int
    """What the points are worth when given up, in micro-CNY."""


def grant_legs(
    grant_id: UUID, right: Right, issuer: Brand, payment: Payment | None, model: str = NETWORK_MODEL
) -> Iterator[Leg]:
    """Uses out of stock; points back to their program; the program's participant owes the issuer for them."""
    yield Leg("stock", stock_account(right), grant_account(grant_id, right), right.uses, Code.RIGHT_GRANT)
    if payment is None:
        return
    points = points_account(payment.membership_id, payment.program)
    yield Leg("price", points, issued_account(payment.program), payment.price, Code.RIGHT_PRICE)
    if payment.payer.id != issuer.id and payment.value_micro:
        debtor, creditor = position_account(payment.payer, model), position_account(issuer, model)
        yield Leg("funding", debtor, creditor, payment.value_micro, Code.RIGHT_FUNDING)


def redemption_legs(
    grant_id: UUID, right: Right, issuer: Brand, honourer: Brand, model: str = NETWORK_MODEL
) -> Iterator[Leg]:
    """One use is used; the issuer's participant owes the honouring one."""
    yield Leg("use", grant_account(grant_id, right), redeemed_account(right), 1, Code.RIGHT_REDEMPTION)
    if settlement_micro(right, issuer, honourer):
        debtor, creditor = position_account(issuer, model), position_account(honourer, model)
        yield Leg("settlement", debtor, creditor, right.settlement_price, Code.RIGHT_SETTLEMENT)


def settlement_micro(right: Right, issuer: Brand, honourer: Brand) -> int:
    """What one redemption costs the issuer's participant, in micro-CNY: nothing at its own brands."""
    return 0 if issuer.id == honourer.id else right.settlement_price


def expiry_leg(grant_id: UUID, right: Right, uses_left: int) -> Leg:
    """The uses that nobody made."""
    return Leg("expiry", grant_account(grant_id, right), expired_account(right), uses_left, Code.EXPIRY)
