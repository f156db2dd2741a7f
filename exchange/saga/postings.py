"""The postings of an exchange with a brand's own system on either side: a linked group for each step that moves value.

group        points                           CNY
HELD         Dr member A / Cr held A          reserve (pending) Dr position A / Cr exchange clearing
RELEASED     Dr held A / Cr member A          the reserve is voided
DEBITED      Dr held A / Cr issued A          the reserve is posted
CREDITED     Dr issued B / Cr member B        Dr exchange clearing / Cr position B, and / Cr position OPERATOR
REFUNDED     Dr issued A / Cr member A        Dr exchange clearing / Cr position A
LATE         Dr issued B / Cr member B        Dr break suspense / Cr position B
LATE_TAKEN   Dr member B / Cr issued B        Dr position B / Cr break suspense
LATE_LOST                                     Dr position OPERATOR / Cr break suspense
LATE_DEBIT   Dr member A / Cr issued A        and LATE_DEBIT_UNDONE takes it back
TAKING_BACK                                   reserve (pending) Dr position B / Cr exchange clearing
TAKEN_BACK   Dr member B / Cr issued B        the reserve is posted
TAKEN_LATE   Dr member B / Cr issued B        Dr position B / Cr exchange clearing: the reserve was voided before
NOT_TAKEN_BACK                                the reserve is voided
GIVEN_BACK   Dr issued A / Cr member A        Dr exchange clearing / Cr position A, Dr position OPERATOR / Cr clearing

Where the brand's own books decide what a member has, `member` is the card's mirror: it has no lots and no limit, and
shows what flowed in through us (credit) and out (debit), no more. So "issued = -(members + held)" is true everywhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final
from uuid import UUID

from brands import Directory
from brands.accounts import (
    break_suspense_account,
    clearing_account,
    held_account,
    issued_account,
    member_account,
    operator_position_account,
    position_account,
)
from core.codes import Code
from core.ids import derive_id
from exchange.exchanges import Exchange
from ledger import Account, Kind, LotTerms, Transfer


class Group(StrEnum):
    """One step's postings. Ids are derived from these names; add, never rename."""

    HELD = "held"
    RELEASED = "released"
    DEBITED = "debited"
    CREDITED = "credited"
    REFUNDED = "refunded"
    LATE = "late"
    LATE_TAKEN = "late taken back"
    LATE_LOST = "late written off"
    LATE_DEBIT = "late debit"
    LATE_DEBIT_UNDONE = "late debit undone"
    TAKING_BACK = "taking back"
    TAKEN_BACK = "taken back"
    NOT_TAKEN_BACK = "not taken back"
    GIVEN_BACK = "given back"
    TAKEN_LATE = "taken back late"

    @property
    def partial(self) -> bool:
        """Whether it is of a reversal, of which an exchange may have several."""
        return self in _PARTIAL


_PARTIAL: Final = frozenset(
    {Group.TAKING_BACK, Group.TAKEN_BACK, Group.NOT_TAKEN_BACK, Group.TAKEN_LATE, Group.GIVEN_BACK}
)


@dataclass(frozen=True, slots=True)
class Part:
    """How much of a completed exchange a reversal takes back."""

    sequence: int
    source: int
    """Minor units given back."""
    target: int
    """Minor units taken back."""
    value_micro: int
    """What the source's participant gets back."""
    credit_micro: int
    """What the target's participant pays back."""
    whole: bool
    """Whether nothing of the exchange is left after it."""

    @property
    def operator_micro(self) -> int:
        """What the operator gives back of its fee and rounding; negative: what it keeps on top."""
        return self.value_micro - self.credit_micro


@dataclass(frozen=True, slots=True)
class Posting:
    """One group of one exchange that is to be posted."""

    exchange: Exchange
    group: Group
    part: Part | None = None
    """For reversals."""
    at_once: bool = False
    """Whether the exchange was posted in one commit, between programs on the platform: then nothing was ever held."""

    @property
    def id(self) -> UUID:
        """Of the ledger's group."""
        return derive_id(self.exchange.id, self._name)

    @property
    def reference(self) -> UUID:
        """What the transfers belong to: the exchange, or its reversal."""
        return reversal_id(self.exchange.id, self.part.sequence) if self.part else self.exchange.id

    @property
    def _name(self) -> str:
        return f"{self.group} {self.part.sequence}" if self.part else str(self.group)


_HOLD: Final = "hold"
_RESERVE: Final = "reserve"


@dataclass(slots=True)
class SagaBooks:
    """Makes the transfers of postings, and remembers every account they need."""

    directory: Directory
    models: Mapping[UUID, str]
    """By exchange, the settlement model on whose accounts all its money legs stand."""
    _accounts: dict[UUID, Account] = field(default_factory=dict)
    _common: dict[tuple[object, ...], "_Accounts"] = field(default_factory=dict)
    """By the programs, their participants and the model, what exchanges have in common: all but the cards."""

    @property
    def accounts(self) -> list[Account]:
        """Every account that was asked for, to be opened where it is missing."""
        return list(self._accounts.values())

    def hold(self, exchange: Exchange) -> list[Transfer]:
        """The first group of an exchange."""
        return self.transfers(Posting(exchange, Group.HELD))

    def transfers(self, posting: Posting) -> list[Transfer]:
        """The linked group, in order; a leg of nothing is left out."""
        return [
            Transfer(
                derive_id(posting.id, leg.name) if leg.id is None else leg.id,
                self._open(leg.debit), self._open(leg.credit), leg.amount, leg.code, leg.kind,
                group_id=posting.id, pending_id=leg.pending_id, reverses_id=leg.reverses_id, lots_of=leg.lots_of,
                reference=posting.reference, lot=leg.lot,
            )
            for leg in self._legs(posting)
            if leg.amount
        ]  # fmt: skip

    def _open(self, account: Account) -> UUID:
        return self._accounts.setdefault(account.id, account).id

    def _accounts_of(self, exchange: Exchange) -> "_Accounts":
        model, source, target = self.models[exchange.id], exchange.source.program_id, exchange.target.program_id
        key = (source, target, exchange.source_participant_id, exchange.target_participant_id, model)
        found = self._common.get(key)
        if found is None:
            found = self._common[key] = _Accounts.of(exchange, self.directory, model)
        programs = self.directory.programs
        giver = member_account(exchange.source.membership_id, programs[source])
        return replace(found, giver=giver, taker=member_account(exchange.target.membership_id, programs[target]))

    def _legs(self, posting: Posting) -> Iterator["_Leg"]:
        accounts = self._accounts_of(posting.exchange)
        match posting.group:
            case Group.HELD:
                yield from _held(posting.exchange, accounts)
            case Group.RELEASED:
                yield from _released(posting.exchange, accounts)
            case Group.DEBITED:
                yield from _debited(posting.exchange, accounts)
            case Group.CREDITED:
                yield from _credited(posting.exchange, accounts)
            case Group.REFUNDED:
                yield from _refunded(posting.exchange, accounts)
            case group if group.partial:
                assert posting.part is not None, "a reversal says how much"
                yield from (_given_back if posting.group is Group.GIVEN_BACK else _taken_back)(
                    posting, accounts, posting.part
                )
            case _:
                yield from _late(posting.exchange, accounts, posting.group)


@dataclass(frozen=True, slots=True)
class _Leg:
    name: str
    debit: Account
    credit: Account
    amount: int
    code: Code
    id: UUID | None = None
    kind: Kind = Kind.SINGLE
    pending_id: UUID | None = None
    reverses_id: UUID | None = None
    lots_of: UUID | None = None
    lot: LotTerms | None = None


@dataclass(frozen=True, slots=True)
class _Accounts:
    giver: Account
    held: Account
    source_issued: Account
    taker: Account
    target_issued: Account
    payer: Account
    payee: Account
    clearing: Account
    operator: Account
    suspense: Account

    @classmethod
    def of(cls, exchange: Exchange, directory: Directory, model: str) -> "_Accounts":
        source, target = directory.programs[exchange.source.program_id], directory.programs[exchange.target.program_id]
        return cls(
            member_account(exchange.source.membership_id, source),
            held_account(source),
            issued_account(source),
            member_account(exchange.target.membership_id, target),
            issued_account(target),
            position_account(directory.brands[exchange.source_participant_id], model),
            position_account(directory.brands[exchange.target_participant_id], model),
            clearing_account(model),
            operator_position_account(model),
            break_suspense_account(model),
        )


def _held(exchange: Exchange, on: _Accounts) -> Iterator[_Leg]:
    value, own = exchange.conversion, exchange.id
    yield _Leg(_HOLD, on.giver, on.held, value.source, Code.EXCHANGE_HOLD, hold_id(own))
    yield _Leg(_RESERVE, on.payer, on.clearing, value.value_micro, Code.POSITION_DEBIT, _reserve_id(own), Kind.PENDING)


def _released(exchange: Exchange, on: _Accounts) -> Iterator[_Leg]:
    value, own = exchange.conversion, exchange.id
    back = hold_id(own)
    yield _Leg("points", on.held, on.giver, value.source, Code.EXCHANGE_RELEASE, reverses_id=back)
    yield _Leg(
        "reserve",
        on.payer,
        on.clearing,
        value.value_micro,
        Code.POSITION_DEBIT,
        kind=Kind.VOID,
        pending_id=_reserve_id(own),
    )


def _debited(exchange: Exchange, on: _Accounts) -> Iterator[_Leg]:
    value, own = exchange.conversion, exchange.id
    yield _Leg("points", on.held, on.source_issued, value.source, Code.EXCHANGE_DEBIT)
    yield _Leg(
        "position", on.payer, on.clearing, value.value_micro, Code.POSITION_DEBIT,
        kind=Kind.POST, pending_id=_reserve_id(own),
    )  # fmt: skip


def _credited(exchange: Exchange, on: _Accounts) -> Iterator[_Leg]:
    value = exchange.conversion
    yield _Leg(
        "points", on.target_issued, on.taker, value.target, Code.EXCHANGE_CREDIT, credit_id(exchange.id),
        lot=_lot(exchange) if on.taker.lots else None,
    )  # fmt: skip
    yield _Leg("position", on.clearing, on.payee, value.credit_micro, Code.POSITION_CREDIT)
    yield _Leg("fee", on.clearing, on.operator, value.fee_micro, Code.FEE)
    yield _Leg("rounding", on.clearing, on.operator, value.rounding_micro, Code.ROUNDING)


def _refunded(exchange: Exchange, on: _Accounts) -> Iterator[_Leg]:
    value = exchange.conversion
    lots = hold_id(exchange.id) if on.giver.lots else None
    yield _Leg("points", on.source_issued, on.giver, value.source, Code.EXCHANGE_REFUND, lots_of=lots)
    yield _Leg("position", on.clearing, on.payer, value.value_micro, Code.POSITION_REFUND)


def _late(exchange: Exchange, on: _Accounts, group: Group) -> Iterator[_Leg]:
    value, own = exchange.conversion, exchange.id
    if group is Group.LATE:
        lot = _lot(exchange) if on.taker.lots else None
        late = late_credit_id(own)
        yield _Leg("points", on.target_issued, on.taker, value.target, Code.EXCHANGE_LATE, late, lot=lot)
        yield _Leg("position", on.suspense, on.payee, value.credit_micro, Code.POSITION_LATE)
    elif group is Group.LATE_TAKEN:
        lots = late_credit_id(own) if on.taker.lots else None
        yield _Leg("points", on.taker, on.target_issued, value.target, Code.EXCHANGE_LATE, lots_of=lots)
        yield _Leg("position", on.payee, on.suspense, value.credit_micro, Code.POSITION_REVERSAL)
    elif group is Group.LATE_LOST:
        yield _Leg("position", on.operator, on.suspense, value.credit_micro, Code.POSITION_LATE)
    elif group is Group.LATE_DEBIT:
        yield _Leg("points", on.giver, on.source_issued, value.source, Code.EXCHANGE_LATE)
    elif group is Group.LATE_DEBIT_UNDONE:
        yield _Leg("points", on.source_issued, on.giver, value.source, Code.EXCHANGE_LATE)


def _taken_back(posting: Posting, on: _Accounts, part: Part) -> Iterator[_Leg]:
    own, code = posting.exchange.id, Code.POSITION_REVERSAL
    reserve = derive_id(own, f"take back {part.sequence}")
    if posting.group is Group.TAKING_BACK:
        yield _Leg("reserve", on.payee, on.clearing, part.credit_micro, code, reserve, Kind.PENDING)
        return
    if posting.group is Group.NOT_TAKEN_BACK:
        yield _Leg("reserve", on.payee, on.clearing, part.credit_micro, code, kind=Kind.VOID, pending_id=reserve)
        return
    lots = credit_id(own) if on.taker.lots else None
    yield _Leg("points", on.taker, on.target_issued, part.target, Code.REVERSAL, lots_of=lots)
    if posting.group is Group.TAKEN_LATE:
        yield _Leg("position", on.payee, on.clearing, part.credit_micro, code)
        return
    yield _Leg("position", on.payee, on.clearing, part.credit_micro, code, kind=Kind.POST, pending_id=reserve)


def _given_back(posting: Posting, on: _Accounts, part: Part) -> Iterator[_Leg]:
    own = posting.exchange.id
    given = derive_id(own, "source") if posting.at_once else hold_id(own)
    lots = given if on.giver.lots else None
    yield _Leg("points", on.source_issued, on.giver, part.source, Code.REVERSAL, lots_of=lots)
    yield _Leg("position", on.clearing, on.payer, part.value_micro, Code.POSITION_REFUND)
    share = part.operator_micro
    ends = (on.operator, on.clearing) if share > 0 else (on.clearing, on.operator)
    yield _Leg("operator", *ends, abs(share), Code.FEE_REVERSAL)


def _lot(exchange: Exchange) -> LotTerms:
    conversion = exchange.conversion
    return LotTerms(
        expires_at=exchange.target_expires_at,
        funder=exchange.source_participant_id,
        unit_cost=conversion.credit_micro // conversion.target,
    )


def reversal_id(exchange_id: UUID, sequence: int) -> UUID:
    """The id of an exchange's reversal with this number."""
    return derive_id(exchange_id, f"reversal {sequence}")


def hold_id(exchange_id: UUID) -> UUID:
    """The transfer that set the points aside, and knows their lots."""
    return derive_id(exchange_id, _HOLD)


def credit_id(exchange_id: UUID) -> UUID:
    """The transfer that gave the target's points, and opened their lot: called as in an exchange on the platform."""
    return derive_id(exchange_id, "target")


def late_credit_id(exchange_id: UUID) -> UUID:
    """The transfer that gave the target's points after the exchange had come to nothing."""
    return derive_id(exchange_id, "late credit")


def late_debit_id(exchange_id: UUID) -> UUID:
    """The transfer that took the source's points after the exchange had come to nothing."""
    return derive_id(derive_id(exchange_id, Group.LATE_DEBIT), "points")


def _reserve_id(exchange_id: UUID) -> UUID:
    return derive_id(exchange_id, _RESERVE)
