"""What the bank side of settlement may answer in place of doing what it was asked.

Refusal                       (values)
├── UnknownParticipant        nobody of this code settles
├── OneParticipant            payer and payee are the same
├── AccountsMissing           participants have no approved bank account
├── ProposalNotFound          there is no such proposal
├── OwnProposal               whoever proposed cannot also approve
├── NotProposer               only whoever proposed takes a proposal back
├── ProposalEnded             it has been decided, taken back, or could no longer be done
├── ProposalChanged           what was proposed is not what the checker has seen
├── StatementUnreadable       a bank statement cannot be read, or contradicts itself
├── StatementOfOtherAccount   a bank statement is of another account than the operator's
├── StatementChanged          a bank statement of this name was imported before with other content
├── StatementGap              a bank statement does not begin where the books stand
├── CashLineNotFound          there is no such movement
├── CashLineUsed              all of the movement is explained already
├── ProposalOpen              something about it waits for a second person already
├── PaymentNotFound           no payment of an advised window with this id is open
├── AllocationTooLarge        more than is left of the movement, or open of the payment
├── AmountTooLarge            more than there is
├── WrongDirection            the bank takes charges and pays interest, not the other way round
├── NotInModel                the participant does not settle in this model
├── WithdrawalNotFound        nothing of this id is to be paid back
├── NotLate                   the payment is not late yet
├── DisputeNotFound           there is no such dispute, or nothing of it is left
└── WindowNotClosed           the window is still open, so nothing of it has to be corrected afterwards
"""

from dataclasses import dataclass
from uuid import UUID

from brands import OPERATOR_CODE
from core.amounts import format_amount
from core.errors import Refusal
from settlement.cash.proposals import Verdict


@dataclass(frozen=True, slots=True)
class UnknownParticipant(Refusal):
    """Nobody of this code settles."""

    participant: str

    @property
    def message(self) -> str:
        """Which code."""
        if self.participant == OPERATOR_CODE:
            return "The operator itself cannot be named here."
        return f"Nobody of the code {self.participant!r} settles."


@dataclass(frozen=True, slots=True)
class OneParticipant(Refusal):
    """Payer and payee are the same: nobody owes itself anything."""

    participant: str


@dataclass(frozen=True, slots=True)
class AccountsMissing(Refusal):
    """These participants have no bank account that two persons have agreed on."""

    participants: tuple[str, ...]
    """By code."""

    @property
    def message(self) -> str:
        """Whose are missing."""
        return f"No bank account that two persons have agreed on: {', '.join(self.participants)}."


@dataclass(frozen=True, slots=True)
class ProposalNotFound(Refusal):
    """There is no such proposal."""


@dataclass(frozen=True, slots=True)
class OwnProposal(Refusal):
    """Whoever proposed this cannot also approve it."""

    subject: str


@dataclass(frozen=True, slots=True)
class NotProposer(Refusal):
    """Only whoever proposed this takes it back; anybody else rejects it."""

    proposed_by: str

    @property
    def message(self) -> str:
        """Who could."""
        return f"Only {self.proposed_by}, who proposed this, takes it back; anybody else rejects it."


@dataclass(frozen=True, slots=True)
class ProposalEnded(Refusal):
    """The proposal does not wait for a decision any more."""

    verdict: Verdict
    by: str
    reason: str

    @property
    def message(self) -> str:
        """How it ended."""
        return f"The proposal is {self.verdict} already, by {self.by}: {self.reason}"


@dataclass(frozen=True, slots=True)
class ProposalChanged(Refusal):
    """What was proposed is not what the checker named: the digest is another one."""

    digest: str
    """Of the proposal."""


@dataclass(frozen=True, slots=True)
class StatementUnreadable(Refusal):
    """The bank statement cannot be read, or contradicts itself. Nothing was posted."""

    place: str
    """The line and column, or the statement and entry."""
    problem: str

    @property
    def message(self) -> str:
        """Where, and what."""
        return f"{self.place}: {self.problem}"


@dataclass(frozen=True, slots=True)
class StatementOfOtherAccount(Refusal):
    """The bank statement is of another account than the operator's."""

    account: str


@dataclass(frozen=True, slots=True)
class StatementChanged(Refusal):
    """A bank statement of this name was imported before, with other content."""

    statement: str


@dataclass(frozen=True, slots=True)
class StatementGap(Refusal):
    """The bank statement does not begin where the books stand: one is missing, or this one is from the past."""

    statement: str
    expected_fen: int
    """The bank account in the books."""
    found_fen: int
    """The statement's opening balance."""

    @property
    def message(self) -> str:
        """Both balances, and where money comes from that the account held before."""
        expected, found = format_amount(self.expected_fen, 2), format_amount(self.found_fen, 2)
        gap = f"Statement {self.statement} begins at CNY {found}; the books stand at CNY {expected}."
        if self.expected_fen:
            return gap
        return (
            f"{gap} Take in those before it, from an empty account on; `agio settle own` books what is the operator's."
        )


@dataclass(frozen=True, slots=True)
class CashLineNotFound(Refusal):
    """There is no such movement on the bank account."""


@dataclass(frozen=True, slots=True)
class CashLineUsed(Refusal):
    """All of this movement on the bank account is explained already: nothing of it is left."""


@dataclass(frozen=True, slots=True)
class ProposalOpen(Refusal):
    """A proposal about the same waits for a second person already."""

    proposal_id: UUID
    kind: str
    """What it proposes."""
    proposed_by: str
    free_fen: int = 0
    """What no open proposal claims; not negative. Zero as well where it is not about a part."""

    @property
    def message(self) -> str:
        """Which, what can be done about it, and what is still free."""
        free = f" CNY {format_amount(self.free_fen, 2)} of it is free." if self.free_fen else ""
        return (
            f"Proposal {self.proposal_id} ({self.kind}) by {self.proposed_by} about this is open: "
            f"another person decides on it, or its proposer takes it back, before there is a second one.{free}"
        )


@dataclass(frozen=True, slots=True)
class PaymentNotFound(Refusal):
    """No payment of an advised window with this id is open on this side of the account."""


@dataclass(frozen=True, slots=True)
class AllocationTooLarge(Refusal):
    """More than is left of the movement, or more than is open of the payment."""

    left_fen: int
    open_fen: int

    @property
    def message(self) -> str:
        """How much of either there is."""
        left, open_ = format_amount(self.left_fen, 2), format_amount(self.open_fen, 2)
        return f"CNY {left} are left of the movement, and CNY {open_} are open of the payment: at most the lesser."


@dataclass(frozen=True, slots=True)
class AmountTooLarge(Refusal):
    """More than there is, or nothing."""

    most_fen: int

    @property
    def message(self) -> str:
        """What would be possible."""
        if self.most_fen <= 0:
            return "Nothing is left of it."
        return f"It can be from CNY 0.01 to CNY {format_amount(self.most_fen, 2)}."


@dataclass(frozen=True, slots=True)
class WrongDirection(Refusal):
    """The movement goes the other way than what it is said to be."""

    purpose: str
    came_in: bool

    @property
    def message(self) -> str:
        """Which is which."""
        went = "came in" if self.came_in else "went out"
        return (
            f"This movement {went}, so that it is no {self.purpose}: what the bank takes is BANK_CHARGE, interest on a "
            "balance below zero included; what it pays is BANK_INTEREST, a charge given back included."
        )


@dataclass(frozen=True, slots=True)
class NotInModel(Refusal):
    """The participant does not settle in this model."""

    participant: str
    model: str


@dataclass(frozen=True, slots=True)
class WithdrawalNotFound(Refusal):
    """Nothing of this id is to be paid back: two persons decide on it first."""


@dataclass(frozen=True, slots=True)
class NotLate(Refusal):
    """The payment is not late yet: its participant is still to pay it."""

    days: int
    """How long ago its window was advised."""

    @property
    def message(self) -> str:
        """Since when it can be."""
        return f"It was advised {self.days} days ago; only what was two days ago or longer is late."


@dataclass(frozen=True, slots=True)
class DisputeNotFound(Refusal):
    """There is no such dispute, or nothing of it is left."""


@dataclass(frozen=True, slots=True)
class WindowNotClosed(Refusal):
    """The window is still open: what is wrong in it can be put right where it was made."""

    number: int
