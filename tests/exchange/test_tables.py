"""What the tables themselves forbid, whoever writes them."""

from importlib import import_module

import asyncpg
import pytest

from core.database import Connection, Database
from exchange import Exchange
from exchange.exchange_rows import PRECEDENTS
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


async def test_precedents_are_found_by_index(database: Database) -> None:
    """However many exchanges there are, an acceptance costs a few probes."""
    async with database.transaction() as connection:
        await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off")
        await connection.execute(f"PREPARE hot AS {PRECEDENTS}")
        rows = await connection.fetch("EXPLAIN EXECUTE hot ('{}', '{}', '{}', '{}', NULL)")
    plan = "\n".join(row[0] for row in rows)
    assert "Seq Scan" not in plan, plan
    assert plan.count("Nested Loop Left Join") == 3, plan
