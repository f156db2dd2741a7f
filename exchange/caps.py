"""How much of their net debit caps participants have used, and when the caps run out at the present pace."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from brands import NETWORK_MODEL, Brand, Directory, directory
from brands.accounts import position_account, prefund_account
from core.codes import Code
from core.database import Connection
from ledger import Turnover, balances, credit_lines, turnover

PACE_HOURS: Final = (24, 1)
"""The pace is what was used in the last day, or in the last hour when that is faster: a rush is noticed at once."""

_SETTLED: Final = frozenset({Code.NETTING, Code.PAYMENT, Code.ADJUSTMENT, Code.WRITE_OFF, Code.DISPUTE})
"""What settling moves says nothing of the pace."""

_HOUR_MICROSECONDS: Final = 3_600_000_000
_FORESEEN_HOURS_MAX: Final = 24 * 366


@dataclass(frozen=True, slots=True)
class Cap:
    """A participant's position in one settlement model, and how far it may still fall. Amounts in micro-CNY."""

    participant_id: UUID
    model: str
    account_id: UUID
    cap_micro: int
    """How far the ledger lets it fall: the net debit cap and what is deposited."""
    deposited_micro: int
    """Of that: prefunded cash."""
    position_micro: int
    """What the network owes it, or (negative) it owes; what is reserved for unfinished exchanges taken off."""
    pace_micro: int
    """What it uses in an hour at present; not positive: it is not running out."""
    runs_out_at: datetime | None
    """When nothing is left at that pace; None: not within a year."""

    @property
    def used_micro(self) -> int:
        """What it owes."""
        return max(-self.position_micro, 0)

    @property
    def left_micro(self) -> int:
        """What it may still come to owe."""
        return max(self.cap_micro + self.position_micro, 0)

    @property
    def used_percent(self) -> int:
        """The part that is used, rounded down; 100 when nothing may be owed and nothing is left."""
        if not self.cap_micro:
            return 0 if self.left_micro else 100
        return self.used_micro * 100 // self.cap_micro


async def caps(
    connection: Connection, now: datetime, *, participant_ids: Iterable[UUID] | None = None, paced: bool = True
) -> list[Cap]:
    """The caps of all participants, or of these, by code and model.

    Without `paced` nothing is added up, and none says when it runs out: `cap_at` does.
    """
    known = await directory(connection)
    wanted = None if participant_ids is None else frozenset(participant_ids)
    accounts = [
        (brand, model, position_account(brand, model))
        for brand in known.participants()
        if wanted is None or brand.id in wanted
        for model in _models(known, brand)
    ]
    ids = [account.id for _, _, account in accounts]
    deposits = {account.id: prefund_account(brand.id, model).id for brand, model, account in accounts}
    found = await balances(connection, [*ids, *deposits.values()])
    lines = await credit_lines(connection, ids)
    paces = await _paces(connection, ids, now) if paced else {}
    return [
        _cap(
            (brand.id, model, account.id),
            lines[account.id],
            found[account.id].available_credit,
            (found[deposits[account.id]].net_credit, paces.get(account.id, 0)),
            now,
        )
        for brand, model, account in accounts
    ]


async def cap_at(connection: Connection, cap: Cap, position_micro: int, at: datetime, *, until: datetime | None) -> Cap:
    """The cap when its position is or was this, at the pace before `at`; what came after `until` is left out."""
    paces = await _paces(connection, [cap.account_id], at, until=until)
    named = cap.participant_id, cap.model, cap.account_id
    return _cap(named, cap.cap_micro, position_micro, (cap.deposited_micro, paces.get(cap.account_id, 0)), at)


def _models(known: Directory, brand: Brand) -> list[str]:
    """The models in which the participant settles: the network's own, its own, and those agreed in pairs."""
    own = known.models.own.get(brand.id, NETWORK_MODEL)
    pairs = (model for pair, model in known.models.pairs.items() if brand.id in pair)
    return [NETWORK_MODEL, *sorted({own, *pairs} - {NETWORK_MODEL})]


def _cap(
    named: tuple[UUID, str, UUID], line_micro: int, position_micro: int, figures: tuple[int, int], now: datetime
) -> Cap:
    deposited_micro, pace_micro = figures
    ends = _runs_out_at(max(line_micro + position_micro, 0), pace_micro, now)
    return Cap(*named, line_micro, deposited_micro, position_micro, pace_micro, ends)


def _runs_out_at(left_micro: int, pace_micro: int, now: datetime) -> datetime | None:
    if pace_micro <= 0 or left_micro > pace_micro * _FORESEEN_HOURS_MAX:
        return None
    return now + timedelta(microseconds=left_micro * _HOUR_MICROSECONDS // pace_micro)


async def _paces(
    connection: Connection, account_ids: Sequence[UUID], now: datetime, *, until: datetime | None = None
) -> dict[UUID, int]:
    """What each position falls by in an hour, in micro-CNY, rounded up."""
    paces: dict[UUID, int] = {}
    for hours in PACE_HOURS:
        moved = await turnover(connection, account_ids, after=now - timedelta(hours=hours), until=until)
        for account_id, fallen in _fallen(moved).items():
            paces[account_id] = max(paces.get(account_id, 0), -(-fallen // hours))
    return paces


def _fallen(moved: Iterable[Turnover]) -> Counter[UUID]:
    fallen: Counter[UUID] = Counter()
    for each in moved:
        if each.code not in _SETTLED:
            fallen[each.account_id] += each.debits - each.credits
    return fallen
