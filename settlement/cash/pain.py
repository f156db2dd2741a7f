"""A payment order to the bank: ISO 20022 pain.001.001.09, one batch, the same bytes for the same order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html import escape
from typing import Final

from core.amounts import format_amount
from settlement.cash.account import BankAccount

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"


@dataclass(frozen=True, slots=True)
class Transfer:
    """One payment of the order."""

    reference: str
    """At most 35 characters; comes back on the bank's statement."""
    creditor: BankAccount
    amount_fen: int
    text: str
    """For the creditor's eyes; at most 140 characters."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the bank is to pay out of one account on one day."""

    message_id: str
    """At most 35 characters; the bank takes each only once."""
    ordered_at: datetime
    execute_on: date
    debtor: BankAccount
    transfers: Sequence[Transfer]


def pain_001(order: Order) -> bytes:
    """The order as XML."""
    document = _element("CstmrCdtTrfInitn", _group_header(order), _payment_information(order))
    body = f'<Document xmlns="{NAMESPACE}">{document}\n</Document>\n'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'.encode()


def _group_header(order: Order) -> str:
    ordered_at = order.ordered_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    who = _element("InitgPty", _text("Nm", order.debtor.holder))
    return _element("GrpHdr", _text("MsgId", order.message_id), _text("CreDtTm", ordered_at), *_totals(order), who)


def _payment_information(order: Order) -> str:
    return _element(
        "PmtInf",
        _text("PmtInfId", order.message_id),
        _text("PmtMtd", "TRF"),
        *_totals(order),
        _element("ReqdExctnDt", _text("Dt", order.execute_on.isoformat())),
        _element("Dbtr", _text("Nm", order.debtor.holder)),
        _account("DbtrAcct", order.debtor),
        _agent("DbtrAgt", order.debtor),
        *map(_transfer, order.transfers),
    )


def _transfer(transfer: Transfer) -> str:
    amount = f'\n<InstdAmt Ccy="CNY">{_money(transfer.amount_fen)}</InstdAmt>'
    return _element(
        "CdtTrfTxInf",
        _element("PmtId", _text("EndToEndId", transfer.reference)),
        _element("Amt", amount),
        _agent("CdtrAgt", transfer.creditor),
        _element("Cdtr", _text("Nm", transfer.creditor.holder)),
        _account("CdtrAcct", transfer.creditor),
        _element("RmtInf", _text("Ustrd", transfer.text)),
    )


def _totals(order: Order) -> tuple[str, str]:
    total = sum(transfer.amount_fen for transfer in order.transfers)
    return _text("NbOfTxs", str(len(order.transfers))), _text("CtrlSum", _money(total))


def _account(name: str, account: BankAccount) -> str:
    identification = _element("Id", _element("Othr", _text("Id", account.number)))
    return _element(name, identification, _text("Ccy", "CNY"))


def _agent(name: str, account: BankAccount) -> str:
    system = _element("ClrSysId", _text("Cd", "CNAPS"))
    return _element(name, _element("FinInstnId", _element("ClrSysMmbId", system, _text("MmbId", account.bank_code))))


def _money(fen: int) -> str:
    return format_amount(fen, 2)


def _text(name: str, text: str) -> str:
    return f"\n<{name}>{escape(text, quote=False)}</{name}>"


def _element(name: str, *children: str) -> str:
    return f"\n<{name}>{''.join(children)}\n</{name}>"
