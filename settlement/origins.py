"""What the lines of a position stand for: the exchange, grant or redemption behind each, and what it should have moved.

A line's amount is signed: credits positive.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from brands import OPERATOR_ID, Directory, directory
from core.amounts import format_amount
from core.codes import Code
from core.database import Connection
from exchange import Exchange, Reversal, exchanges_by_id, reversals_by_id
from rights import Grant, Redeemed, grants_by_id, redemptions_by_id
from settlement.adjustments import Adjustment, adjustments_by_id
from settlement.reconciliation.write_offs import MovedFor, WriteOff, write_offs_by_id

Leg = tuple[UUID, int]
"""A participant and a transfer's code: one thing moves at most one amount of one code in one position."""


@dataclass(frozen=True, slots=True)
class Ends:
    """Between whom one exchange, grant or redemption is."""

    debtor_id: UUID
    creditor_id: UUID
    detail: str
    """For a person: what it was about."""

    def counterparty_of(self, participant_id: UUID) -> UUID:
        """The participant at the other end; for the operator, the one that pays."""
        return self.creditor_id if participant_id == self.debtor_id else self.debtor_id


@dataclass(frozen=True, slots=True)
class Origin(Ends):
    """The same, and how it touches positions."""

    legs: Mapping[Leg, int]
    """What it moves in each position, by its own record, in micro-CNY; nothing that moves zero."""


async def origins(connection: Connection, references: Iterable[UUID]) -> dict[UUID, Origin]:
    """What stands behind the references; those without a record are left out."""
    wanted = set(references)
    network = await directory(connection)
    found = {key: of_exchange(network, it) for key, it in (await exchanges_by_id(connection, wanted)).items()}
    wanted -= found.keys()
    if not wanted:
        return found
    redeemed = await redemptions_by_id(connection, list(wanted))
    granted = await grants_by_id(connection, [*wanted - redeemed.keys(), *(it.grant_id for it in redeemed.values())])
    found |= {key: of_redemption(network, it, granted[it.grant_id]) for key, it in redeemed.items()}
    found |= {key: of_grant(network, it) for key, it in granted.items() if key in wanted}
    found |= await _reversals(connection, network, wanted - found.keys())
    left = list(wanted - found.keys())
    written_off = await write_offs_by_id(connection, left) if left else {}
    found |= {key: of_write_off(it) for key, it in written_off.items()}
    adjusted = await adjustments_by_id(connection, left) if left else {}
    return found | {key: of_adjustment(it) for key, it in adjusted.items()}


def of_exchange(network: Directory, exchange: Exchange) -> Origin:
    """The origin that an exchange is."""
    payer, payee, terms = exchange.source_participant_id, exchange.target_participant_id, exchange.conversion
    legs = {
        (payer, int(Code.POSITION_DEBIT)): -terms.value_micro,
        (payee, int(Code.POSITION_CREDIT)): terms.credit_micro,
        (OPERATOR_ID, int(Code.FEE)): terms.fee_micro,
        (OPERATOR_ID, int(Code.ROUNDING)): terms.rounding_micro,
        # Only where it came to nothing, and where its target gave the points all the same.
        (payer, int(Code.POSITION_REFUND)): terms.value_micro,
        (payee, int(Code.POSITION_LATE)): terms.credit_micro,
        (payee, int(Code.POSITION_REVERSAL)): -terms.credit_micro,
        (OPERATOR_ID, int(Code.POSITION_LATE)): -terms.credit_micro,
    }
    sides = (exchange.source.program_id, terms.source, exchange.target.program_id, terms.target)
    return Origin(payer, payee, ends_of_exchange(network, payer, payee, *sides).detail, _moving(legs))


def ends_of_exchange(
    network: Directory,
    payer: UUID,
    payee: UUID,
    source_program_id: UUID,
    source: int,
    target_program_id: UUID,
    target: int,
) -> Ends:
    """Between whom an exchange is, from its columns."""
    given, received = _points(network, source_program_id, source), _points(network, target_program_id, target)
    return Ends(payer, payee, f"{given} for {received}")


async def _reversals(connection: Connection, network: Directory, wanted: set[UUID]) -> dict[UUID, Origin]:
    if not wanted:
        return {}
    found = await reversals_by_id(connection, wanted)
    exchanges = await exchanges_by_id(connection, [it.exchange_id for it in found.values()])
    return {key: of_reversal(network, it, exchanges[it.exchange_id]) for key, it in found.items()}


def of_reversal(network: Directory, reversal: Reversal, exchange: Exchange) -> Origin:
    """The origin that a reversal is: what the target's participant was owed goes back to the source's."""
    part, payer, payee = reversal.part, exchange.target_participant_id, exchange.source_participant_id
    legs = {
        (payer, int(Code.POSITION_REVERSAL)): -part.credit_micro,
        (payee, int(Code.POSITION_REFUND)): part.value_micro,
        (OPERATOR_ID, int(Code.FEE_REVERSAL)): -part.operator_micro,
    }
    taken = _points(network, exchange.target.program_id, part.target)
    given = _points(network, exchange.source.program_id, part.source)
    return Origin(payer, payee, f"reversed: {taken} for {given}", _moving(legs))


def of_redemption(network: Directory, redeemed: Redeemed, grant: Grant) -> Origin:
    """The origin that a redemption is: the issuer owes the brand that honoured the right."""
    issuer = network.participant_of(grant.right.issuer_id).id
    honourer = network.participant_of(redeemed.brand_id).id
    detail = f"{grant.right.code} at {network.brands[redeemed.brand_id].code}"
    return Origin(issuer, honourer, detail, _pair(issuer, honourer, Code.RIGHT_SETTLEMENT, redeemed.settlement_micro))


def of_grant(network: Directory, grant: Grant) -> Origin:
    """The origin that a grant is: the participant behind the points owes the right's issuer."""
    issuer = network.participant_of(grant.right.issuer_id).id
    if grant.price_program_id is None:
        return Origin(issuer, issuer, grant.right.code, {})
    payer = network.programs[grant.price_program_id].participant_id
    detail = f"{grant.right.code} for {_points(network, grant.price_program_id, grant.price)}"
    return Origin(payer, issuer, detail, _pair(payer, issuer, Code.RIGHT_FUNDING, grant.funding_micro))


def of_write_off(written_off: WriteOff) -> Origin:
    """The origin that a write-off or a dispute is: the operator gives, or takes back.

    What is disputed moves one position, and what is won another one later; both are between the same two.
    """
    amount, participant, kind = written_off.amount_micro, written_off.participant_id, written_off.kind
    detail = f"{kind.name.lower().replace('_', '-')} for break {written_off.break_id}"
    if kind is MovedFor.WRITE_OFF:
        payer, payee = (OPERATOR_ID, participant) if amount > 0 else (participant, OPERATOR_ID)
        return Origin(payer, payee, detail, _pair(payer, payee, kind.code, abs(amount)))
    moved = (participant, amount) if kind is MovedFor.DISPUTE else (OPERATOR_ID, -amount)
    return Origin(OPERATOR_ID, participant, detail, {(moved[0], int(kind.code)): moved[1]})


def of_adjustment(it: Adjustment) -> Origin:
    """The origin that an adjustment is."""
    legs = _pair(it.payer_id, it.payee_id, Code.ADJUSTMENT, it.amount_micro)
    return Origin(it.payer_id, it.payee_id, f"adjustment of window {it.window}", legs)


def _points(network: Directory, program_id: UUID, amount: int) -> str:
    program = network.programs[program_id]
    return f"{program.code} {format_amount(amount, program.scale)}"


def _pair(debtor: UUID, creditor: UUID, code: Code, amount: int) -> dict[Leg, int]:
    return _moving({(debtor, int(code)): -amount, (creditor, int(code)): amount})


def _moving(legs: Mapping[Leg, int]) -> dict[Leg, int]:
    return {leg: amount for leg, amount in legs.items() if amount}
