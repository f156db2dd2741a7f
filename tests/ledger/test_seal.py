"""The seal covers all that is committed, in an order into which nothing can be slipped later."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from core.clock import SettableClock
from core.database import Connection, Database
from core.ids import new_id
from ledger import Account, Sealed, Transfer, audit, post, seal
from ledger.errors import SealOfAnotherServer
from ledger.seal import FIRST_PREVIOUS, Seal
from tests.ledger.small_book import seal_all, write_small_book

_SEALED = """
select number from ledger_transfer join ledger_seal on xact > xact_after and xact <= xact_until where id = $1
"""


def _transfers(count: int) -> tuple[list[Account], list[Transfer]]:
    accounts = [Account(new_id(), "AURORA", "issued") for _ in range(2 * count)]
    pairs = zip(accounts[::2], accounts[1::2], strict=True)
    return accounts, [Transfer(new_id(), debit.id, credit.id, 5, 2) for debit, credit in pairs]


async def test_a_late_commit_with_an_early_id_is_sealed(
    pinned_database: Database, clock: SettableClock, superuser: Connection
) -> None:
    """A transaction that began first and commits last holds the seal back; then both are sealed, and it verifies."""
    await write_small_book(pinned_database, clock)
    await seal_all(pinned_database)
    accounts, (early, late) = _transfers(2)
    slow = superuser.transaction()
    await slow.start()
    await post(superuser, [early], accounts=accounts, clock=clock)
    async with pinned_database.transaction() as connection:
        await post(connection, [late], accounts=accounts, clock=clock)
    assert await seal(pinned_database) == Sealed(0, 0)
    await slow.commit()
    await seal_all(pinned_database)
    numbers = [await superuser.fetchval(_SEALED, transfer.id) for transfer in (early, late)]
    assert None not in numbers
    assert numbers == sorted(numbers)
    assert (await audit(pinned_database)).findings == []


async def test_an_id_older_than_all_that_is_sealed_is_sealed_next(
    pinned_database: Database, clock: SettableClock, superuser: Connection
) -> None:
    """An import with ids of years ago comes after what was sealed before: ids do not order the seal."""
    await write_small_book(pinned_database, clock)
    await seal_all(pinned_database)
    before = await superuser.fetchval("select max(number) from ledger_seal")
    accounts, (old,) = _transfers(1)
    old = Transfer(UUID("01700000-0000-7000-8000-000000000001"), old.debit_account_id, old.credit_account_id, 5, 2)
    async with pinned_database.transaction() as connection:
        outcomes = await post(connection, [old], accounts=accounts, clock=clock)
    assert [outcome.ok for outcome in outcomes] == [True]
    await seal_all(pinned_database)
    assert await superuser.fetchval(_SEALED, old.id) == before + 1
    assert (await audit(pinned_database)).findings == []


async def test_seals_are_small_and_joined(
    pinned_database: Database, clock: SettableClock, superuser: Connection
) -> None:
    """Each seal holds whole transactions, as many as fit, and the hash of the one before; nothing is sealed twice."""
    await write_small_book(pinned_database, clock)
    await seal_all(pinned_database, entries_per_seal=5)
    seals = await superuser.fetch(
        "select number, xact_after::text, xact_until::text, previous, hash from ledger_seal order by number"
    )
    assert [row["number"] for row in seals] == list(range(1, len(seals) + 1))
    assert len(seals) > 3
    assert [row["previous"] for row in seals] == [FIRST_PREVIOUS, *(row["hash"] for row in seals[:-1])]
    assert [row["xact_after"] for row in seals] == ["0", *(row["xact_until"] for row in seals[:-1])]
    assert await seal(pinned_database) == Sealed(0, 0)
    assert await superuser.fetchval("select hash from ledger_seal_head") == seals[-1]["hash"]


async def test_one_process_seals_at_a_time(
    pinned_database: Database, clock: SettableClock, superuser: Connection
) -> None:
    """While another process is sealing a second one does nothing, rather than wait or fork the chain."""
    await write_small_book(pinned_database, clock)
    async with superuser.transaction():
        await superuser.execute("select pg_advisory_xact_lock(x'7365616c'::int)")
        assert await seal(pinned_database) == Sealed(0, 0)
    await seal_all(pinned_database)
    assert await superuser.fetchval("select count(*) from ledger_seal") > 0


async def test_a_rolled_back_transaction_leaves_nothing_to_seal(
    pinned_database: Database, clock: SettableClock, superuser: Connection
) -> None:
    """Numbers of transactions may have gaps; the seal does not care."""
    await write_small_book(pinned_database, clock)
    accounts, (gone,) = _transfers(1)
    failed = superuser.transaction()
    await failed.start()
    await post(superuser, [gone], accounts=accounts, clock=clock)
    await failed.rollback()
    await seal_all(pinned_database)
    assert await superuser.fetchval("select count(*) from ledger_transfer where id = $1", gone.id) == 0
    assert (await audit(pinned_database)).findings == []


async def test_a_book_that_was_sealed_on_another_server_is_not_sealed_on(
    pinned_database: Database, clock: SettableClock, superuser: Connection
) -> None:
    """After a restore into a server whose transaction numbers are lower, nothing would ever be sealed: it is said."""
    await write_small_book(pinned_database, clock)
    await superuser.execute("update ledger_seal_head set xact_until = '9000000000000000000'")
    with pytest.raises(
        SealOfAnotherServer, match="sealed until transaction 9000000000000000000, but this server is at"
    ):
        await seal(pinned_database)


_SEAL = Seal(7, 100, 200, 3, b"d" * 32, b"l" * 12, datetime(2026, 1, 15, tzinfo=UTC), b"p" * 32)
_OTHER: dict[str, Any] = {
    "number": 8,
    "xact_after": 101,
    "xact_until": 201,
    "entries": 4,
    "digest": b"e" * 32,
    "locators": b"m" * 12,
    "sealed_at": _SEAL.sealed_at + timedelta(microseconds=1),
    "previous": b"q" * 32,
}


@pytest.mark.parametrize("name", [field.name for field in fields(Seal)])
def test_every_field_of_a_seal_is_in_its_hash(name: str) -> None:
    """Another value in any field gives another hash."""
    assert replace(_SEAL, **{name: _OTHER[name]}).hash() != _SEAL.hash()
