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
from typing import Final, TypeAlias
from uuid import UUID

from brands import NETWORK_MODEL, Directory
from brands.accounts import (
    clearing_account,
    issued_account,
    operator_position_account,
    points_account,
    position_account,
)
from core.codes import Code
from core.ids import derive_ids
from exchange.offers import Quote, Side
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

_LABELS: Final = tuple(leg.encode() for leg in Leg)
_CODES: Final = tuple(CODES[leg] for leg in Leg)

_Row: TypeAlias = tuple[UUID, UUID, int, LotTerms | None]


@dataclass(frozen=True, slots=True)
class Intent:
    """An exchange that is about to be posted."""

    id: UUID
    quote: Quote
    idempotency_key: str
    source_participant_id: UUID
    target_participant_id: UUID
    target_expires_at: datetime | None
    model: str = NETWORK_MODEL
    """The settlement model on whose accounts all its money legs stand."""
    held: bool = False
    """Whether a brand's own system has to be asked: then the source is only set aside (`exchange.saga.postings`)."""


class Books:
    """The accounts of a batch, each described once and known by the id of its owner from then on."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._ids: dict[UUID, UUID] = {}
        self._models: dict[str, _Model] = {}
        self.accounts: list[Account] = []
        """Every account that was asked for, to be opened where it is missing."""

    def legs(self, intent: Intent) -> list[Transfer]:
        """The transfers of one exchange, in order."""
        exchange_id = intent.id
        return [
            Transfer(
                transfer_id, debit, credit, amount, code, group_id=exchange_id, reference=exchange_id, lot=lot,
            )
            for transfer_id, code, (debit, credit, amount, lot) in zip(
                derive_ids(exchange_id, _LABELS), _CODES, self._rows(intent), strict=True
            )
            if amount
        ]  # fmt: skip

    def _rows(self, intent: Intent) -> tuple[_Row, ...]:
        """In the order of legs: what is debited, what is credited, how much, and the lot that is opened."""
        conversion, model = intent.quote.conversion, self._model(intent.model)
        clearing, operator = model.clearing_id, model.operator_id
        giver, source_issued = self._points(intent.quote.source)
        taker, target_issued = self._points(intent.quote.target)
        payer = self._position(intent.source_participant_id, model)
        payee = self._position(intent.target_participant_id, model)
        return (
            (giver, source_issued, conversion.source, None),
            (payer, clearing, conversion.value_micro, None),
            (target_issued, taker, conversion.target, _lot(intent)),
            (clearing, payee, conversion.credit_micro, None),
            (clearing, operator, conversion.fee_micro, None),
            (clearing, operator, conversion.rounding_micro, None),
        )

    def _points(self, side: Side) -> tuple[UUID, UUID]:
        """The accounts of the card's points and of the program's issued points."""
        card = self._ids.get(side.membership_id)
        issued = self._ids.get(side.program_id)
        if card is None or issued is None:
            program = self._directory.programs[side.program_id]
            card = self._describe(side.membership_id, points_account(side.membership_id, program))
            issued = self._describe(side.program_id, issued_account(program))
        return card, issued

    def _model(self, code: str) -> "_Model":
        found = self._models.get(code)
        if found is None:
            clearing, operator = clearing_account(code), operator_position_account(code)
            self.accounts += [clearing, operator]
            found = self._models[code] = _Model(code, clearing.id, operator.id, {})
        return found

    def _position(self, participant_id: UUID, model: "_Model") -> UUID:
        found = model.positions.get(participant_id)
        if found is None:
            account = position_account(self._directory.brands[participant_id], model.code)
            self.accounts.append(account)
            found = model.positions[participant_id] = account.id
        return found

    def _describe(self, owner: UUID, account: Account) -> UUID:
        if owner not in self._ids:
            self._ids[owner] = account.id
            self.accounts.append(account)
        return self._ids[owner]


@dataclass(frozen=True, slots=True)
class _Model:
    code: str
    clearing_id: UUID
    operator_id: UUID
    positions: dict[UUID, UUID]
    """The position accounts, by participant."""


def _lot(intent: Intent) -> LotTerms:
    conversion = intent.quote.conversion
    return LotTerms(
        expires_at=intent.target_expires_at,
        funder=intent.source_participant_id,
        unit_cost=conversion.credit_micro // conversion.target,
    )
