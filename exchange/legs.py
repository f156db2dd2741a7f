"""The postings of one exchange between two programs on the platform: one linked group, balanced in every asset.

1  source           Dr member A / Cr issued A             points given up
2  position_debit   Dr position A / Cr exchange clearing  their worth
3  target           Dr issued B / Cr member B             points received, a new lot
4  position_credit  Dr exchange clearing / Cr position B  their price
5  fee              Dr exchange clearing / Cr position OPERATOR
6  rounding         the same, for what is left over

A fee or a rounding of zero has no leg.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from brands import Directory, Program
from brands.accounts import (
    clearing_account,
    issued_account,
    operator_position_account,
    points_account,
    position_account,
)
from core.codes import Code
from core.ids import derive_id
from exchange.offers import Quote
from ledger import Account, LotTerms, Transfer


class Leg(StrEnum):
    """What a transfer is to its exchange. Ids are derived from these names; add, never rename."""

    SOURCE = "source"
    """The points given up."""
    POSITION_DEBIT = "position_debit"
    """What the source's participant owes."""
    TARGET = "target"
    """The points received."""
    POSITION_CREDIT = "position_credit"
    """What the target's participant is owed."""
    FEE = "fee"
    """The operator's fee."""
    ROUNDING = "rounding"
    """What rounding left over."""


CODES = {
    Leg.SOURCE: Code.EXCHANGE_DEBIT,
    Leg.POSITION_DEBIT: Code.POSITION_DEBIT,
    Leg.TARGET: Code.EXCHANGE_CREDIT,
    Leg.POSITION_CREDIT: Code.POSITION_CREDIT,
    Leg.FEE: Code.FEE,
    Leg.ROUNDING: Code.ROUNDING,
}
"""The code of each leg's transfer; one code, one leg."""


@dataclass(frozen=True, slots=True)
class Intent:
    """An exchange that is about to be posted."""

    id: UUID
    quote: Quote
    idempotency_key: str
    source_participant_id: UUID
    target_participant_id: UUID
    target_expires_at: datetime | None


class Books:
    """The accounts of a batch, each described once."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._clearing = clearing_account()
        self._operator = operator_position_account()
        self._issued: dict[UUID, Account] = {}
        self._positions: dict[UUID, Account] = {}
        self._points: dict[UUID, Account] = {}

    @property
    def accounts(self) -> list[Account]:
        """Every account that was asked for, to be opened where it is missing."""
        hot = [self._clearing, self._operator, *self._issued.values(), *self._positions.values()]
        return hot + list(self._points.values())

    def legs(self, intent: Intent) -> list[Transfer]:
        """The transfers of one exchange, in order."""
        quote, conversion = intent.quote, intent.quote.conversion
        source, target = self._program(quote.source.program_id), self._program(quote.target.program_id)
        clearing, operator = self._clearing.id, self._operator.id
        giver = self._member(quote.source.membership_id, source)
        taker = self._member(quote.target.membership_id, target)
        lot = LotTerms(
            expires_at=intent.target_expires_at,
            funder=intent.source_participant_id,
            unit_cost=conversion.credit_micro // conversion.target,
        )
        rows = (
            (Leg.SOURCE, giver, self._issuer(source), conversion.source, None),
            (Leg.POSITION_DEBIT, self._position(intent.source_participant_id), clearing, conversion.value_micro, None),
            (Leg.TARGET, self._issuer(target), taker, conversion.target, lot),
            (
                Leg.POSITION_CREDIT,
                clearing,
                self._position(intent.target_participant_id),
                conversion.credit_micro,
                None,
            ),
            (Leg.FEE, clearing, operator, conversion.fee_micro, None),
            (Leg.ROUNDING, clearing, operator, conversion.rounding_micro, None),
        )
        return [
            Transfer(
                derive_id(intent.id, leg), debit, credit, amount, CODES[leg],
                group_id=intent.id, reference=intent.id, lot=terms,
            )
            for leg, debit, credit, amount, terms in rows
            if amount
        ]  # fmt: skip

    def _program(self, program_id: UUID) -> Program:
        return self._directory.programs[program_id]

    def _member(self, membership_id: UUID, program: Program) -> UUID:
        account = self._points.get(membership_id)
        if account is None:
            account = self._points[membership_id] = points_account(membership_id, program)
        return account.id

    def _issuer(self, program: Program) -> UUID:
        account = self._issued.get(program.id)
        if account is None:
            account = self._issued[program.id] = issued_account(program)
        return account.id

    def _position(self, participant_id: UUID) -> UUID:
        account = self._positions.get(participant_id)
        if account is None:
            account = self._positions[participant_id] = position_account(self._directory.brands[participant_id])
        return account.id
