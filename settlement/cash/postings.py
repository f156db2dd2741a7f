"""The transfers of money at the bank. Pure: ids are derived from the movement, so that posting again posts nothing.

in:   Dr bank / Cr due (what it pays), Dr bank / Cr suspense (what nobody has explained yet)
out:  Dr owed / Cr bank (what it pays), Dr withdrawn / Cr bank (what it pays back), Dr suspense / Cr bank
later, by two persons: Dr suspense / Cr due, or Dr owed / Cr suspense
the operator's own part of a settled window: Dr owed / Cr funds, or Dr funds / Cr due
"""

from collections.abc import Iterable
from uuid import UUID

from brands import OPERATOR_ID
from brands.accounts import MONEY, bank_account, due_account, owed_account
from core.codes import Code
from core.ids import derive_id
from ledger import Account, Transfer
from settlement.cash.matching import OpenPayment
from settlement.netting import FEN_MICRO


def suspense_account() -> Account:
    """Money that came or went and that nobody has explained yet."""
    return Account(OPERATOR_ID, MONEY.code, "suspense")


def funds_account() -> Account:
    """The operator's own money at the bank."""
    return Account(OPERATOR_ID, MONEY.code, "funds")


def disputed_account(participant_id: UUID) -> Account:
    """What a participant does not accept of what was due."""
    return Account(participant_id, MONEY.code, "disputed")


def write_off_account() -> Account:
    """What the operator has given up of what was due."""
    return Account(OPERATOR_ID, MONEY.code, "write_off")


def withdrawn_account(participant_id: UUID) -> Account:
    """What of a participant's deposits is to be paid back."""
    return Account(participant_id, MONEY.code, "withdrawn")


def own_account(purpose: str) -> Account:
    """The operator's own income and expenses at the bank."""
    return Account(OPERATOR_ID, MONEY.code, purpose)


def cash_accounts(participants: Iterable[UUID]) -> list[Account]:
    """Every account that movements can touch, to be opened where they are missing."""
    own = [bank_account(), suspense_account(), funds_account()]
    each = (due_account, owed_account, withdrawn_account)
    return own + [opened(who) for who in participants for opened in each]


def paid(cash_id: UUID, amount_fen: int, payment: OpenPayment) -> Transfer:
    """The part of a movement that pays a payment."""
    debit, credit = _paying(payment, bank_account())
    return _transfer(derive_id(cash_id, "paid"), debit, credit, amount_fen, cash_id)


def unexplained(cash_id: UUID, amount_fen: int, *, incoming: bool) -> Transfer:
    """The rest of a movement."""
    sides = (bank_account(), suspense_account()) if incoming else (suspense_account(), bank_account())
    return _transfer(derive_id(cash_id, "unexplained"), *sides, amount_fen, cash_id)


def explained(allocation_id: UUID, cash_id: UUID, amount_fen: int, payment: OpenPayment) -> Transfer:
    """What two persons have found a part of the rest to be."""
    debit, credit = _paying(payment, suspense_account())
    return _transfer(derive_id(allocation_id, "explained"), debit, credit, amount_fen, cash_id)


def _paying(payment: OpenPayment, money: Account) -> tuple[Account, Account]:
    who = payment.participant_id
    if payment.incoming:
        return money, due_account(who)
    return (withdrawn_account if payment.paid_back else owed_account)(who), money


def own_part(window_id: UUID, settled: int) -> Transfer | None:
    """The operator's part of a window, in micro-CNY, which needs no payment."""
    if not settled:
        return None
    sides = (owed_account(OPERATOR_ID), funds_account()) if settled > 0 else (funds_account(), due_account(OPERATOR_ID))
    return _transfer(derive_id(window_id, "own part"), *sides, abs(settled) // FEN_MICRO, window_id)


def _transfer(identifier: UUID, debit: Account, credit: Account, amount_fen: int, reference: UUID) -> Transfer:
    return Transfer(
        id=identifier,
        debit_account_id=debit.id,
        credit_account_id=credit.id,
        amount=amount_fen * FEN_MICRO,
        code=Code.PAYMENT,
        reference=reference,
    )
