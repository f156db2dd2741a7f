"""Adapters are put into force as they are written, and their book of record stays."""

import pytest

from brands import Applied
from brands.adapter.kinds import AmountForm, BookOfRecord, Call, Timing
from core.database import Database
from tests.brands.adapter_samples import FILE, GRAPHQL, REST, SIMULATOR
from tests.brands.samples import bend, put, put_refused, read, refused

KINDS = {"rest": REST, "graphql": GRAPHQL, "file": FILE, "simulator": SIMULATOR}


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_is_accepted_and_read_back(database: Database, kind: str) -> None:
    """What is put into force is what was written, and the same file again changes nothing."""
    first = await put(database, KINDS[kind])
    assert "programs.RAIL" in {change.path for change in first.changes}
    assert await put(database, KINDS[kind]) == Applied(())


def test_what_is_written_is_what_is_meant() -> None:
    """Units and words of the file, values of the program."""
    found = read(REST).network.programs["RAIL"].adapter
    able = found.capabilities_for(2, "Asia/Shanghai")
    assert (able.book_of_record, able.timing, able.decimals) == (BookOfRecord.BRAND, Timing.REALTIME, 2)
    assert (able.deadline_seconds, able.requests_per_second, able.concurrency_max) == (2.5, 20.0, 4)
    assert able.requests_per_instruction == 2
    assert (able.longest_delay.days, able.not_found_final_after.seconds, able.time_zone) == (1, 60, "Asia/Shanghai")
    assert found.amounts is AmountForm.DECIMAL
    assert found.calls[Call.DEBIT].body["points"] == "${amount}"


async def test_another_book_of_record_is_refused_later(database: Database) -> None:
    """Members' points cannot move to other books by a file; the way to them may change."""
    await put(database, REST)
    assert await put_refused(database, REST[: REST.index("[programs.RAIL.adapter]")]) == [
        "7: programs.RAIL.adapter: Members have their points in the brand's own books; that never changes."
    ]
    changed = await put(database, GRAPHQL)
    assert "programs.RAIL.adapter.kind" in {change.path for change in changed.changes}


def test_an_adapter_without_capabilities() -> None:
    """Nobody guesses what a system can do."""
    text = bend(SIMULATOR, SIMULATOR[SIMULATOR.index("[programs.RAIL.adapter.capabilities]") :], "")
    assert refused(text) == [
        "18: programs.RAIL.adapter.capabilities: The kind simulator must say what the brand's system can do."
    ]
