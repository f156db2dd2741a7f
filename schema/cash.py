"""Money at the bank: what is due, what came, what nobody has explained, deposits and disputes."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from brands import Scope as BrandScope
from schema.context import Context, Info
from schema.errors import BadInput
from schema.fields import needs
from schema.ids import key_of
from schema.nodes import Node
from schema.position import FEN_DECIMALS
from schema.proposal import actor
from schema.proposal_refusals import SettlementRefused, settlement_refused
from schema.refusals import amount
from schema.scalars import Amount
from schema.scopes import Scope
from schema.viewer import ViewerKind
from settlement import cash
from settlement.lapsing import take_in

strawberry.enum(cash.AgeBand)
strawberry.enum(cash.Movement, name="DepositMovement")


@strawberry.type
class DuePayment(Node):
    """A payment that is not wholly paid."""

    window: int
    """The window's number."""
    participant: str
    incoming: bool
    """Whether the participant pays; otherwise it is paid."""
    amount: Amount
    open: Amount
    reference: str
    """What the payment carries through the banks."""
    advised_at: datetime
    due_on: date
    """The day on which it is to be paid, as the statement says."""
    age: cash.AgeBand
    counterparty: str | None
    """Gross: to whom it is passed on, or from whom it comes; null: it is for everybody."""

    @classmethod
    def of(cls, it: cash.DuePayment) -> "DuePayment":
        """As the graph shows it."""
        return cls(
            key=it.id,
            window=it.window,
            participant=it.participant,
            incoming=it.incoming,
            amount=amount(it.amount_fen, FEN_DECIMALS),
            open=amount(it.open_fen, FEN_DECIMALS),
            reference=it.reference,
            advised_at=it.advised_at,
            due_on=it.due_on,
            age=cash.age_band(it.age),
            counterparty=it.counterparty,
        )


@strawberry.type
class LateAmount:
    """What is late of one age."""

    age: cash.AgeBand
    amount: Amount


@strawberry.type
class LatePayer:
    """A participant that has not paid in time."""

    participant: str
    amount: Amount
    """All that is late."""
    by_age: list[LateAmount]
    oldest_days: int


@strawberry.type
class BankMovement(Node):
    """A movement at the bank of which something is not explained yet."""

    amount: Amount
    """Positive: money came in; negative: money went out."""
    left: Amount
    """What is not explained; positive."""
    booked_on: date
    text: str
    other_account: str
    other_name: str


@strawberry.type
class Deposit:
    """What a participant has deposited in a settlement model."""

    participant: str
    model: str
    held: Amount
    earmarked: Amount
    """Of it: what will pay for windows that are netted."""


@strawberry.type
class DepositLine:
    """One movement of a deposit."""

    movement: cash.Movement
    amount: Amount
    """Positive: it grew."""
    balance: Amount
    """After it."""
    window: int | None
    """The number of the window that it paid for."""
    reason: str
    """The proposer's; empty where nobody proposed it."""
    recorded_at: datetime


@strawberry.type
class Withdrawal(Node):
    """What two persons decided to pay back of a deposit."""

    participant: str
    model: str
    amount: Amount
    open: Amount
    """What the bank's statements have not proven yet."""
    reference: str
    ordered_at: datetime | None
    """When the bank was told."""

    @classmethod
    def of(cls, it: cash.Withdrawal) -> "Withdrawal":
        """As the graph shows it."""
        return cls(
            key=it.id,
            participant=it.participant,
            model=it.model,
            amount=amount(it.amount_fen, FEN_DECIMALS),
            open=amount(it.open_fen, FEN_DECIMALS),
            reference=it.reference,
            ordered_at=it.ordered_at,
        )


@strawberry.type
class DepositPaidBack:
    """The bank's payment order is written."""

    reference: str
    """What the payment carries through the banks."""
    total: Amount


@strawberry.type
class PaymentDispute(Node):
    """What a participant does not accept of a payment."""

    window: int
    participant: str
    amount: Amount
    open: Amount
    """What is neither paid nor written off."""
    opened_at: datetime
    reason: str


@strawberry.type
class StatementsImported:
    """What a file of bank statements brought."""

    statements: int
    """New ones; those imported before change nothing."""
    movements: int
    matched: int
    unexplained: int


PayBackResult = Annotated[DepositPaidBack | SettlementRefused, strawberry.union("PayBackResult")]

ImportResult = Annotated[StatementsImported | SettlementRefused, strawberry.union("BankStatementResult")]


@strawberry.type
class CashQuery:
    """Looking at money. A brand sees what is its participant's own."""

    @needs(BrandScope.STATEMENTS_READ, Scope.SETTLEMENT_READ)
    async def due_payments(self, info: Info) -> list[DuePayment]:
        """What is not wholly paid, the oldest first."""
        own = await _own(info.context)
        found = await cash.due_payments(info.context.database)
        return [DuePayment.of(it) for it in found if own in {None, it.participant}]

    @needs(Scope.SETTLEMENT_READ)
    async def late_payers(self, info: Info) -> list[LatePayer]:
        """Who pays late, the largest amount first."""
        return [
            LatePayer(
                participant=it.participant,
                amount=amount(it.open_fen, FEN_DECIMALS),
                by_age=[LateAmount(age=band, amount=amount(fen, FEN_DECIMALS)) for band, fen in it.by_band],
                oldest_days=it.oldest.days,
            )
            for it in await cash.late_payers(info.context.database)
        ]

    @needs(Scope.SETTLEMENT_READ)
    async def unexplained_movements(self, info: Info) -> list[BankMovement]:
        """What lies in suspense, the oldest first."""
        return [
            BankMovement(
                key=it.id,
                amount=amount(it.amount_fen, FEN_DECIMALS),
                left=amount(it.left_fen, FEN_DECIMALS),
                booked_on=it.booked_on,
                text=it.text,
                other_account=it.other_account,
                other_name=it.other_name,
            )
            for it in await cash.unexplained_lines(info.context.database)
        ]

    @needs(BrandScope.STATEMENTS_READ, Scope.SETTLEMENT_READ)
    async def deposits(self, info: Info) -> list[Deposit]:
        """What participants have deposited, by participant and model."""
        own = await _own(info.context)
        return [
            Deposit(
                participant=it.participant,
                model=it.model,
                held=amount(it.held_fen, FEN_DECIMALS),
                earmarked=amount(it.earmarked_fen, FEN_DECIMALS),
            )
            for it in await cash.deposits(info.context.database)
            if own in {None, it.participant}
        ]

    @needs(BrandScope.STATEMENTS_READ, Scope.SETTLEMENT_READ)
    async def deposit_lines(self, info: Info, participant: str, model: str = "network") -> list[DepositLine]:
        """Everything that moved a deposit, the oldest first. A brand may ask for its own participant's."""
        own = await _own(info.context)
        if own not in {None, participant}:
            return []
        found = await cash.deposit_lines(info.context.database, participant, model)
        if not isinstance(found, list):
            raise BadInput(found.message, argument="participant")
        return [
            DepositLine(
                movement=it.movement,
                amount=amount(it.amount_fen, FEN_DECIMALS),
                balance=amount(it.balance_fen, FEN_DECIMALS),
                window=it.window,
                reason=it.reason,
                recorded_at=it.recorded_at,
            )
            for it in found
        ]

    @needs(BrandScope.STATEMENTS_READ, Scope.SETTLEMENT_READ)
    async def withdrawals(self, info: Info, *, open_only: bool = True) -> list[Withdrawal]:
        """What is to be paid back of deposits, the oldest first."""
        own = await _own(info.context)
        found = await cash.withdrawals(info.context.database, open_only=open_only)
        return [Withdrawal.of(it) for it in found if own in {None, it.participant}]

    @needs(BrandScope.STATEMENTS_READ, Scope.SETTLEMENT_READ)
    async def payment_disputes(self, info: Info, *, open_only: bool = True) -> list[PaymentDispute]:
        """What participants do not accept, the oldest first."""
        own = await _own(info.context)
        return [
            PaymentDispute(
                key=it.id,
                window=it.window,
                participant=it.participant,
                amount=amount(it.amount_fen, FEN_DECIMALS),
                open=amount(it.open_fen, FEN_DECIMALS),
                opened_at=it.opened_at,
                reason=it.reason,
            )
            for it in await cash.disputes(info.context.database, open_only=open_only)
            if own in {None, it.participant}
        ]


@strawberry.type
class CashMutation:
    """Telling what the bank said."""

    @needs(Scope.SETTLEMENT_PREPARE)
    async def import_bank_statements(self, info: Info, content: str) -> ImportResult:
        """Take in a camt.053 file, given as text: all of it or, when anything in it is wrong, nothing."""
        found = await take_in(info.context.database, content.encode(), actor(info.context))
        if not isinstance(found, cash.Imported):
            return settlement_refused(found)
        return StatementsImported(
            statements=found.statements,
            movements=found.movements,
            matched=found.matched,
            unexplained=found.unexplained,
        )

    @needs(Scope.SETTLEMENT_APPROVE)
    async def pay_back_deposit(self, info: Info, withdrawal_id: strawberry.ID) -> PayBackResult:
        """Write the bank's payment order (pain.001.001.09) for a deposit that two persons decided to pay back."""
        key, services = key_of("Withdrawal", withdrawal_id), info.context.services
        folder = services.statements_folder.with_name("orders")
        found = await cash.pay_back(services.database, key, actor(info.context), folder=folder)
        if not isinstance(found, cash.PaidBack):
            return settlement_refused(found)
        return DepositPaidBack(reference=found.reference, total=amount(found.total_fen, FEN_DECIMALS))


async def _own(context: Context) -> str | None:
    """The code of the participant whose token it is; None for staff, who see all."""
    if context.viewer.kind is not ViewerKind.BRAND:
        return None
    directory = await context.directory()
    brand_id: UUID = context.viewer.brand_id
    return directory.participant_of(brand_id).code
