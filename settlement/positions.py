"""The participants' positions as the ledger has them, and what becomes of them at a cut-off."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from brands import OPERATOR_ID, directory
from brands.accounts import clearing_account, operator_position_account, position_account
from core.database import Connection
from ledger import Account, balances
from settlement.errors import BooksBroken
from settlement.figures import Position
from settlement.netting import split
from settlement.postings import position_account_id
from settlement.records import outstanding
from settlement.windows import Window


async def position_accounts(connection: Connection) -> list[Account]:
    """The operator's position and those of all participants."""
    network = await directory(connection)
    return [operator_position_account(), *map(position_account, network.participants())]


async def closings_now(
    connection: Connection, window: Window, participants: Iterable[UUID]
) -> tuple[dict[UUID, int], int]:
    """Where the window would close now: each participant's position, and what unfinished exchanges hold."""
    accounts = {participant: position_account_id(participant) for participant in participants}
    clearing = clearing_account().id
    found = await balances(connection, [*accounts.values(), clearing])
    unposted = await outstanding(connection, window.number)
    closings = {who: found[account].net_credit - unposted.get(who, 0) for who, account in accounts.items()}
    return closings, found[clearing].net_credit


def divided(openings: Mapping[UUID, int], closings: Mapping[UUID, int], in_flight: int) -> list[Position]:
    """The positions by participant id, without their lines. Raises BooksBroken when they do not sum to zero."""
    try:
        parts = split(closings, OPERATOR_ID, in_flight=in_flight)
    except ValueError as broken:
        raise BooksBroken(str(broken)) from broken
    return [
        Position(who, openings.get(who, 0), (), closings[who], part.settled, part.carried)
        for who, part in parts.items()
    ]
