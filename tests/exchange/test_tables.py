"""What the tables themselves forbid, whoever writes them."""

from importlib import import_module

import asyncpg
import pytest

from core.database import Connection
from exchange import Exchange
from exchange.states import State
from tests.exchange.conftest import Desk
from tests.network import Network


@pytest.fixture
async def made(network: Network, desk: Desk) -> Exchange:
    """One exchange."""
    ann = await network.enrol({"HOTEL": 3_000, "MILES": 0})
    return await desk.accept(await desk.quote(ann, 3_000))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE exchange_quote SET expires_at = 'infinity'",
        "UPDATE exchange_exchange SET target_amount = 1",
        "DELETE FROM exchange_exchange",
        "UPDATE exchange_history SET state = 'REFUNDED'",
        "DELETE FROM exchange_history",
        "DELETE FROM exchange_usage",
        "DELETE FROM exchange_issuance",
        "DELETE FROM exchange_usage_return",
        "UPDATE exchange_usage_return SET source_amount = 0",
        "UPDATE exchange_movement SET amount = 1",
        "DELETE FROM exchange_movement",
        "TRUNCATE exchange_history",
        "TRUNCATE exchange_exchange",
        "TRUNCATE exchange_movement",
    ],
)
@pytest.mark.usefixtures("made")
async def test_the_application_cannot_rewrite(network: Network, statement: str) -> None:
    """History, exchanges and movements are only ever added to."""
    async with network.database.connection() as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)


async def test_the_application_may_move_an_exchange_on(network: Network, made: Exchange) -> None:
    """Its state, and nothing else of it."""
    async with network.database.connection() as connection:
        await connection.execute("UPDATE exchange_exchange SET state = 'REVERSED' WHERE id = $1", made.id)


@pytest.mark.parametrize(
    "change",
    [
        "state = 'DONE'",
        "source_amount = 0",
        "target_amount = -1",
        "fee_micro = fee_micro + 1",
        "target_program_id = source_program_id",
    ],
)
async def test_impossible_exchanges(superuser: Connection, made: Exchange, change: str) -> None:
    """Unknown states, amounts that are not positive, legs that do not add up, one program on both sides."""
    with pytest.raises(asyncpg.CheckViolationError):
        await superuser.execute(f"UPDATE exchange_exchange SET {change} WHERE id = $1", made.id)


def test_every_state_can_be_stored() -> None:
    """The table knows the states of the life cycle."""
    ddl = import_module("exchange.migrations.0001_exchanges").EXCHANGE
    assert [state for state in State if f"'{state}'" not in ddl] == []


async def test_acceptances_are_opened_by_index(network: Network, desk: Desk) -> None:
    """However many members and exchanges there are, an acceptance costs a few probes: no table is walked through."""
    ann = await network.enrol({"HOTEL": 3_000, "MILES": 0})
    offer = await desk.quote(ann, 3_000)
    async with network.database.transaction() as connection:
        before = list(map(tuple, await connection.fetch(_WALKED)))
        rows = await connection.fetch(_OPENED, [ann.id], [offer.id], ["key"])
        after = list(map(tuple, await connection.fetch(_WALKED)))
    assert [row["holder_id"] for row in rows] == [ann.id]
    assert after == before


_OPENED = "SELECT * FROM exchange_open($1, $2, $3, NULL)"

_WALKED = "SELECT relname, seq_scan FROM pg_stat_xact_user_tables WHERE seq_scan > 0 ORDER BY relname"
