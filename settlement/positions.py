"""The participants' positions as the ledger has them, and what becomes of them at a cut-off."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from brands import NETWORK_MODEL, OPERATOR_ID, Brand, directory
from brands.accounts import in_flight_accounts, operator_position_account, position_account
from core.database import Connection
from ledger import Account, balance_at, balances, recorded_at
from settlement.errors import BooksBroken
from settlement.figures import Position
from settlement.netting import split
from settlement.obligations import Obligation, settled_nets
from settlement.participants import participants_of_model
from settlement.postings import netting_id, position_account_id
from settlement.records import settled_before
from settlement.windows import Window


@dataclass(frozen=True, slots=True)
class SettledAccounts:
    """The accounts that a window's figures are made of."""

    positions: Mapping[UUID, UUID]
    """By participant."""
    between: Sequence[UUID]
    """What is in flight or in suspense."""

    @property
    def every(self) -> list[UUID]:
        """All of them."""
        return [*self.positions.values(), *self.between]


def settled_accounts(participants: Iterable[UUID], model: str) -> SettledAccounts:
    """The accounts of a window with these participants."""
    positions = {participant: position_account_id(participant, model) for participant in participants}
    return SettledAccounts(positions, [account.id for account in in_flight_accounts(positions, model)])


async def position_accounts(connection: Connection, model: str = NETWORK_MODEL) -> list[Account]:
    """The operator's position in a model and those of all its participants, of whoever ever was one."""
    found = await _participants(connection, model)
    return [operator_position_account(model), *(position_account(brand, model) for brand in found)]


async def position_owners(connection: Connection, model: str) -> frozenset[UUID]:
    """Whose positions those are."""
    return frozenset({OPERATOR_ID} | {brand.id for brand in await _participants(connection, model)})


async def _participants(connection: Connection, model: str) -> Iterable[Brand]:
    network = await directory(connection)
    if model == NETWORK_MODEL:
        return network.participants()
    return [network.brands[who] for who in await participants_of_model(connection, model)]


async def closings_now(
    connection: Connection, window: Window, participants: Iterable[UUID], unposted: Mapping[UUID, int]
) -> tuple[dict[UUID, int], int]:
    """Where the window would close now: each participant's position, and what is in flight or in suspense.

    `unposted` is what earlier windows settle and have not netted.
    """
    accounts = settled_accounts(participants, window.model)
    found = await balances(connection, accounts.every)
    return closings_of({key: balance.net_credit for key, balance in found.items()}, accounts, unposted)


def closings_of(
    net_credits: Mapping[UUID, int], accounts: SettledAccounts, unposted: Mapping[UUID, int]
) -> tuple[dict[UUID, int], int]:
    """The same from what the accounts hold; one that is not open holds nothing."""
    closings = {who: net_credits.get(key, 0) - unposted.get(who, 0) for who, key in accounts.positions.items()}
    return closings, sum(net_credits.get(key, 0) for key in accounts.between)


async def closings_at(
    connection: Connection, window: Window, participants: Iterable[UUID], instant: datetime
) -> tuple[dict[UUID, int], int]:
    """The same for an instant that is past: less what earlier windows had not netted by then."""
    everybody = list(participants)
    unposted = await _unposted_at(connection, window, instant)
    closings = {
        who: (await balance_at(connection, position_account_id(who, window.model), instant)).net_credit
        - unposted.get(who, 0)
        for who in everybody
    }
    between = [await balance_at(connection, it.id, instant) for it in in_flight_accounts(everybody, window.model)]
    return closings, sum(balance.net_credit for balance in between)


async def _unposted_at(connection: Connection, window: Window, instant: datetime) -> dict[UUID, int]:
    settled = await settled_before(connection, window, instant)
    ids = {key: netting_id(*key) for key in settled}
    posted = await recorded_at(connection, ids.values())
    unposted: dict[UUID, int] = {}
    for (window_id, participant), amount in settled.items():
        at = posted.get(ids[window_id, participant])
        if at is None or at > instant:
            unposted[participant] = unposted.get(participant, 0) + amount
    return unposted


def divided(openings: Mapping[UUID, int], closings: Mapping[UUID, int], in_flight: int) -> list[Position]:
    """The positions by participant id, everything set off, without their lines.

    Raises BooksBroken when they do not sum to zero.
    """
    try:
        parts = split(closings, OPERATOR_ID, in_flight=in_flight)
    except ValueError as broken:
        raise BooksBroken(str(broken)) from broken
    return [
        Position(who, openings.get(who, 0), (), closings[who], part.settled, part.carried)
        for who, part in parts.items()
    ]


def owing(openings: Mapping[UUID, int], closings: Mapping[UUID, int], found: Iterable[Obligation]) -> list[Position]:
    """The positions by participant id as their obligations settle them, without their lines.

    The operator makes no payment to itself: what is both due from it and owed to it needs none.
    """
    pays, is_paid = settled_nets(found)
    positions = []
    for who, closing in sorted(closings.items()):
        due, owed = pays.get(who, 0), is_paid.get(who, 0)
        both = 0 if who == OPERATOR_ID else min(due, owed)
        positions.append(Position(who, openings.get(who, 0), (), closing, owed - due, closing - owed + due, both))
    return positions
