"""Proposing what moves money: each needs a second person's decision."""

import strawberry

import settlement
from core.amounts import AmountError, parse_amount
from schema.context import Info
from schema.errors import BadInput
from schema.fields import needs
from schema.ids import key_of
from schema.position import CNY_DECIMALS, FEN_DECIMALS
from schema.proposal import ProposalResult, actor, proposal_result
from schema.scalars import Amount
from schema.scopes import Scope
from settlement import cash

strawberry.enum(cash.Outcome, name="DisputeOutcome")
strawberry.enum(cash.Purpose, name="OwnPurpose")


@strawberry.input
class BankAccountInput:
    """To which account a participant is paid."""

    participant: str
    """Its code; `operator` is the clearing house itself."""
    holder: str
    number: str
    bank_code: str
    reason: str


@strawberry.input
class AllocationInput:
    """So much of a movement pays a payment."""

    movement_id: strawberry.ID
    payment_id: strawberry.ID
    amount: Amount
    reason: str


@strawberry.input
class TopUpInput:
    """So much of a receipt is a participant's deposit in a settlement model."""

    movement_id: strawberry.ID
    participant: str
    amount: Amount
    reason: str
    model: str = "network"


@strawberry.input
class DueInput:
    """So much of what is due will not simply be paid."""

    payment_id: strawberry.ID
    amount: Amount
    reason: str


@strawberry.input
class DisputeEndInput:
    """What became of so much of a dispute; the receipt, when it was paid."""

    dispute_id: strawberry.ID
    outcome: cash.Outcome
    amount: Amount
    reason: str
    movement_id: strawberry.ID | None = None


@strawberry.input
class ReturnedInput:
    """So much of a receipt went back with a payment out."""

    incoming_id: strawberry.ID
    outgoing_id: strawberry.ID
    amount: Amount
    reason: str


@strawberry.input
class WithdrawalInput:
    """So much of a participant's deposit in a settlement model is paid back."""

    participant: str
    amount: Amount
    reason: str
    model: str = "network"


@strawberry.input
class DrawInput:
    """So much of a payment that is late is taken from its payer's deposit in a settlement model."""

    payment_id: strawberry.ID
    amount: Amount
    reason: str
    model: str = "network"


@strawberry.input
class OwnMovementInput:
    """So much of a movement at the bank is the operator's own."""

    movement_id: strawberry.ID
    purpose: cash.Purpose
    amount: Amount
    reason: str


@strawberry.input
class AdjustmentInput:
    """The payer owes the payee more because of a closed window. Codes; `operator` is one."""

    window_id: strawberry.ID
    payer: str
    payee: str
    amount: Amount
    reason: str


@strawberry.type
class MoneyProposals:
    """Proposing, as a maker; a checker decides with `decideProposal`."""

    @needs(Scope.SETTLEMENT_PREPARE)
    async def propose_bank_account(self, info: Info, input: BankAccountInput) -> ProposalResult:
        """Propose to which bank account a participant is paid from now on."""
        try:
            account = cash.BankAccount(input.holder, input.number, input.bank_code)
        except ValueError as error:
            raise BadInput(str(error), argument="input") from error
        database, who = info.context.database, actor(info.context)
        return proposal_result(
            await cash.propose_bank_account(database, input.participant, account, who, reason=input.reason)
        )

    @needs(Scope.SETTLEMENT_PREPARE)
    async def propose_allocation(self, info: Info, input: AllocationInput) -> ProposalResult:
        """Propose that a movement at the bank pay a payment."""
        keys = (key_of("BankMovement", input.movement_id), key_of("DuePayment", input.payment_id))
        database, who, fen = info.context.database, actor(info.context), _fen(input.amount)
        return proposal_result(await cash.propose_allocation(database, *keys, fen, who, reason=input.reason))

    @needs(Scope.SETTLEMENT_PREPARE)
    async def propose_top_up(self, info: Info, input: TopUpInput) -> ProposalResult:
        """Propose that a receipt be a participant's deposit: its net debit cap is wider by as much."""
        key, fen = key_of("BankMovement", input.movement_id), _fen(input.amount)
        whose = (input.participant, input.model, fen, actor(info.context))
        return proposal_result(await cash.propose_top_up(info.context.database, key, *whose, reason=input.reason))

    @needs(Scope.SETTLEMENT_PREPARE)
    async def propose_dispute(self, info: Info, input: DueInput) -> ProposalResult:
        """Propose that a part of what is due be put among the disputed amounts."""
        what = (key_of("DuePayment", input.payment_id), _fen(input.amount), actor(info.context))
        return proposal_result(await cash.propose_dispute(info.context.database, *what, reason=input.reason))

    @needs(Scope.SETTLEMENT_PREPARE)
    async def propose_tolerance(self, info: Info, input: DueInput) -> ProposalResult:
        """Propose that a small difference of a payment be given up: at most CNY 10.00 and one per cent."""
        what = (key_of("DuePayment", input.payment_id), _fen(input.amount), actor(info.context))
        return proposal_result(await cash.propose_tolerance(info.context.database, *what, reason=input.reason))

    @needs(Scope.SETTLEMENT_PREPARE)
    async def propose_dispute_end(self, info: Info, input: DisputeEndInput) -> ProposalResult:
        """Propose what became of a dispute."""
        what = (key_of("PaymentDispute", input.dispute_id), input.outcome, _fen(input.amount), actor(info.context))
        receipt = None if input.movement_id is None else key_of("BankMovement", input.movement_id)
        return proposal_result(
            await cash.propose_end(info.context.database, *what, reason=input.reason, cash_id=receipt)
        )

    @needs(Scope.SETTLEMENT_PREPARE)
    async def propose_returned(self, info: Info, input: ReturnedInput) -> ProposalResult:
        """Propose that a receipt was sent back: both movements explain each other."""
        keys = (key_of("BankMovement", input.incoming_id), key_of("BankMovement", input.outgoing_id))
        what = (*keys, _fen(input.amount), actor(info.context))
        return proposal_result(await cash.propose_returned(info.context.database, *what, reason=input.reason))

    @needs(Scope.SETTLEMENT_PREPARE)
    async def propose_withdrawal(self, info: Info, input: WithdrawalInput) -> ProposalResult:
        """Propose that a deposit, or a part of it, be paid back to its participant."""
        what = (input.participant, input.model, _fen(input.amount), actor(info.context))
        return proposal_result(await cash.propose_withdrawal(info.context.database, *what, reason=input.reason))

    @needs(Scope.SETTLEMENT_PREPARE)
    async def propose_draw(self, info: Info, input: DrawInput) -> ProposalResult:
        """Propose that what is late be taken from its payer's deposit."""
        what = (key_of("DuePayment", input.payment_id), input.model, _fen(input.amount), actor(info.context))
        return proposal_result(await cash.propose_draw(info.context.database, *what, reason=input.reason))

    @needs(Scope.SETTLEMENT_PREPARE)
    async def propose_own_movement(self, info: Info, input: OwnMovementInput) -> ProposalResult:
        """Propose that a movement at the bank be the operator's own: the bank's charges, interest, own money."""
        what = (key_of("BankMovement", input.movement_id), input.purpose, _fen(input.amount), actor(info.context))
        return proposal_result(await cash.propose_own(info.context.database, *what, reason=input.reason))

    @needs(Scope.SETTLEMENT_PREPARE)
    async def propose_adjustment(self, info: Info, input: AdjustmentInput) -> ProposalResult:
        """Propose a correction of a closed window, to be settled with the one that is open."""
        key, who = key_of("Window", input.window_id), actor(info.context)
        what = (key, input.payer, input.payee, _amount(input.amount, CNY_DECIMALS), who)
        return proposal_result(await settlement.propose_adjustment(info.context.database, *what, reason=input.reason))


def _fen(text: Amount) -> int:
    return _amount(text, FEN_DECIMALS)


def _amount(text: Amount, decimals: int) -> int:
    try:
        return parse_amount(text, decimals)
    except AmountError as error:
        message = f"The amount cannot be used: {error}."
        raise BadInput(message, argument="amount") from error
