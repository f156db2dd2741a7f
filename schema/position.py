"""What a settlement window comes to, participant by participant."""

from uuid import UUID

import strawberry

import brands
import settlement
from core.codes import Code
from schema.refusals import amount
from schema.scalars import Amount

CNY_DECIMALS = 6
FEN_DECIMALS = 2


@strawberry.type
class Subtotal:
    """The lines of one kind."""

    kind: str
    debits: Amount
    credits: Amount
    lines: int

    @classmethod
    def of(cls, value: settlement.Subtotal) -> "Subtotal":
        """As the graph shows it."""
        return cls(
            kind=Code(value.code).name,
            debits=amount(value.debits, CNY_DECIMALS),
            credits=amount(value.credits, CNY_DECIMALS),
            lines=value.lines,
        )


@strawberry.type
class Position:
    """One participant's account of one window, in CNY: opening + credits - debits = closing = settled + carried."""

    participant: str
    """The code of the brand that settles, or `operator`."""
    opening: Amount
    debits: Amount
    credits: Amount
    closing: Amount
    settled: Amount
    """What is paid for this window: positive to the participant, negative by it."""
    carried: Amount
    """What opens the next window."""
    subtotals: list[Subtotal]

    @classmethod
    def of(cls, value: settlement.Position, directory: brands.Directory) -> "Position":
        """As the graph shows it."""
        return cls(
            participant=participant_code(value.participant_id, directory),
            opening=amount(value.opening, CNY_DECIMALS),
            debits=amount(value.debits, CNY_DECIMALS),
            credits=amount(value.credits, CNY_DECIMALS),
            closing=amount(value.closing, CNY_DECIMALS),
            settled=amount(value.settled, CNY_DECIMALS),
            carried=amount(value.carried, CNY_DECIMALS),
            subtotals=[Subtotal.of(subtotal) for subtotal in value.subtotals],
        )


@strawberry.type
class Payment:
    """One of the payments that settle a window."""

    payer: str
    payee: str
    amount: Amount
    """In CNY, whole fen."""
    counterparty: str | None
    """Gross: to whom it is passed on, or from whom it comes; null: it is for everybody."""

    @classmethod
    def of(cls, value: settlement.Payment, directory: brands.Directory) -> "Payment":
        """As the graph shows it."""
        return cls(
            payer=participant_code(value.payer_id, directory),
            payee=participant_code(value.payee_id, directory),
            amount=amount(value.amount_fen, FEN_DECIMALS),
            counterparty=None if value.for_id == settlement.EVERYBODY else participant_code(value.for_id, directory),
        )


def participant_code(participant_id: UUID, directory: brands.Directory) -> str:
    """The code of a brand that settles, or the operator's."""
    if participant_id == brands.OPERATOR_ID:
        return brands.OPERATOR_CODE
    return directory.brands[participant_id].code
