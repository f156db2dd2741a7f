"""Whatever many processes do at once to the same accounts, it is as if one had done it, in the order recorded."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from core.database import Connection, Database
from ledger import Outcome, Status, audit, balances, open_assets
from ledger.audit import span as audit_span
from tests.ledger.history_process import Recorded
from tests.ledger.operations import ASSET, HOT, account_ids
from tests.ledger.replay import Replay

PROCESSES = 8
OPERATIONS = 5_000

BEGINNING = datetime.min.replace(tzinfo=UTC)


async def _send(url: str, folder: Path) -> list[Recorded]:
    """What all processes recorded, in the order of recording."""
    outputs = [folder / str(seed) for seed in range(PROCESSES)]
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.ledger.history_process", url, str(seed), str(OPERATIONS), str(output)),
            "singly" if seed % 2 else "batches",
        )
        for seed, output in enumerate(outputs)
    ]
    assert [await process.wait() for process in processes] == [0] * PROCESSES
    recorded = [msgspec.msgpack.decode(output.read_bytes(), type=list[Recorded]) for output in outputs]
    return sorted(
        (batch for batches in recorded for batch in batches), key=lambda recorded: instant_of(recorded.outcomes)
    )


def instant_of(outcomes: Sequence[Outcome]) -> datetime:
    """When a batch was recorded.

    Batches that share an account are never recorded at the same instant; others may be taken in any order. A batch
    of nothing but repetitions has the instant of the latest transfer it repeats, after which it belongs.
    """
    return max((outcome.recorded_at for outcome in outcomes if outcome.recorded_at), default=BEGINNING)


def _replay(history: Sequence[Recorded]) -> Replay:
    replay = Replay({ASSET.code})
    for recorded in history:
        assert replay.post(recorded.batch, HOT, instant_of(recorded.outcomes)) == recorded.outcomes
    return replay


async def test_concurrent_histories_are_serial(
    database: Database, database_url: str, superuser: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight processes, five thousand operations each, on twenty hot accounts; half of them through coalescing.

    Replayed through the model in the order recorded, every outcome, balance and lot is the same; nobody was ever
    caught in a deadlock; the books are whole, in however small pieces they are looked at.
    """
    async with database.transaction() as connection:
        await open_assets(connection, [ASSET])
    history = await _send(database_url, tmp_path)
    replay = _replay(history)
    statuses = [outcome.status for recorded in history for outcome in recorded.outcomes]
    assert len(statuses) >= PROCESSES * OPERATIONS
    assert len(set(statuses)) > 12
    assert statuses.count(Status.CREATED) > len(statuses) / 3
    assert await _balances(database) == {key: account.counters for key, account in replay.state.accounts.items()}
    assert await _lots(superuser) == {key: lot.remaining for key, lot in replay.state.lots.items()}
    assert await superuser.fetchval("select deadlocks from pg_stat_database where datname = current_database()") == 0
    monkeypatch.setattr(audit_span, "TRANSFERS_PER_SPAN", 500)
    report = await audit(database)
    assert (report.findings, report.counts["ledger_transfer"]) == ([], statuses.count(Status.CREATED))


async def _balances(database: Database) -> dict[object, tuple[int, int, int, int]]:
    async with database.connection() as connection:
        found = await balances(connection, account_ids())
    return {
        key: (balance.debits_pending, balance.debits_posted, balance.credits_pending, balance.credits_posted)
        for key, balance in found.items()
    }


async def _lots(connection: Connection) -> dict[object, int]:
    return {row["id"]: row["remaining"] for row in await connection.fetch("select id, remaining from ledger_lot")}
