"""Proof on demand: replays, and what the audit looks at."""

from pathlib import Path

import pytest

from brands.accounts import owed_account, position_account
from core.codes import Code
from core.database import Connection, Database
from core.ids import new_id
from ledger import Transfer, audit, post
from ledger.audit import Books
from settlement import (
    AUDIT_CHECKS,
    STATEMENTS_CHECK,
    Replay,
    Status,
    Window,
    WrongStep,
    abort,
    approve,
    reject,
    replay,
    submit,
)
from settlement.advice_audit import AdviceAsWritten
from tests.network import Network, load_network
from tests.settlement.trade import CHECKER, MAKER, done, seen, to_advised, to_approved, to_closed, to_netted, trade


async def two_windows(database: Database) -> tuple[Network, list[Window]]:
    """Two approved windows with a fraction of a fen carried from one to the other."""
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 20_000, "MILES": 9_000, "BEANS": 0})
    windows = []
    for _ in range(2):
        await trade(network, (ann, "HOTEL", "MILES", 3_000), (ann, "MILES", "BEANS", 1_110))
        windows.append(await to_approved(database))
    return network, windows


async def test_a_settled_window_replays_to_its_digest(database: Database) -> None:
    _, windows = await two_windows(database)
    for window in windows:
        digest = (await seen(database, window.id)).figures.digest
        assert await replay(database, window.id) == Replay(window.number, digest, digest)


async def test_a_window_that_is_not_netted_has_nothing_to_replay(database: Database) -> None:
    await load_network(database)
    window = await to_closed(database)
    assert await replay(database, window.id) == WrongStep(1, Status.CLOSED, Status.NETTED)


async def findings(database: Database) -> list[tuple[str, str, str]]:
    """What settlement's own checks find: (check, key, column)."""
    report = await audit(database, checks=AUDIT_CHECKS)
    names = {check.name for check in AUDIT_CHECKS}
    return [(found.check, found.key, found.column) for found in report.findings if found.check in names]


async def test_whole_books_have_no_findings(database: Database) -> None:
    """With open, closed and approved windows, and lines in each."""
    network, _ = await two_windows(database)
    ann = await network.enrol({"HOTEL": 20_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    await to_closed(database)
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    report = await audit(database, checks=AUDIT_CHECKS)
    assert report.whole, report.findings


@pytest.mark.parametrize(
    ("tampering", "expected"),
    [
        (
            "UPDATE settlement_payment SET amount_fen = amount_fen + 1",
            [("windows-replay", number, column) for number in "12" for column in ("figures", "approval")],
        ),
        (
            "UPDATE settlement_position SET opening = opening + 1 WHERE opening > 0",
            [("windows-replay", "2", "figures"), ("windows-replay", "2", "approval")],
        ),
        (
            f"UPDATE settlement_approval SET digest = '{'0' * 64}' WHERE window_id = (SELECT id FROM settlement_window WHERE number = 1)",  # noqa: E501
            [("windows-replay", "1", "approval")],
        ),
    ],
)
async def test_tampering_with_figures_is_found(
    database: Database, superuser: Connection, tampering: str, expected: list[tuple[str, str, str]]
) -> None:
    await two_windows(database)
    await superuser.execute("ALTER TABLE settlement_approval DISABLE TRIGGER USER")
    await superuser.execute(tampering)
    assert await findings(database) == expected


_COLUMNS = (
    "decided_at",
    "decided_by",
    "decided_reason",
    "decision",
    "submitted_at",
    "submitted_by",
    "submitted_reason",
)

_LATER = "+ interval '1 hour'"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("submitted_by = 'somebody'", "submitted_by"),
        ("submitted_reason = 'another'", "submitted_reason"),
        (f"submitted_at = submitted_at {_LATER}", "submitted_at"),
        ("decided_by = 'somebody'", "decided_by"),
        ("decided_reason = 'another'", "decided_reason"),
        (f"decided_at = decided_at {_LATER}", "decided_at"),
    ],
)
async def test_tampering_with_who_approved_is_found(
    database: Database, superuser: Connection, change: str, expected: str
) -> None:
    """Each column, in the approvals and then in the history."""
    await two_windows(database)
    await superuser.execute("ALTER TABLE settlement_approval DISABLE TRIGGER USER")
    await superuser.execute(f"UPDATE settlement_approval SET {change}")
    found = await findings(database)
    assert [(check, column) for check, _, column in found] == [("settlement-approvals", expected)] * 2


@pytest.mark.parametrize(
    ("tampering", "expected"),
    [
        (
            "UPDATE settlement_history SET actor = 'somebody' WHERE status = 'APPROVED'",
            [("settlement-approvals", "decided_by")] * 2,
        ),
        (
            "UPDATE settlement_history SET reason = 'another' WHERE status = 'SUBMITTED'",
            [("settlement-approvals", "submitted_reason")] * 2,
        ),
        ("DELETE FROM settlement_history WHERE status = 'RECONCILED'", [("settlement-history", "steps")] * 2),
        (
            "DELETE FROM settlement_approval",
            [("windows-replay", "approval")] * 2 + [("settlement-approvals", column) for column in _COLUMNS] * 2,
        ),
    ],
)
async def test_tampering_with_the_history_is_found(
    database: Database, superuser: Connection, tampering: str, expected: list[tuple[str, str]]
) -> None:
    await two_windows(database)
    await superuser.execute(tampering)
    assert [(check, column) for check, _, column in await findings(database)] == expected


async def test_every_way_through_approval_is_borne_out(database: Database) -> None:
    """Rejected, submitted again, approved; and a submission that nobody has decided on."""
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 20_000, "MILES": 0})
    for ends in ("approved", "open", "aborted"):
        await trade(network, (ann, "HOTEL", "MILES", 3_000))
        window = await to_netted(database)
        done(await submit(database, window.id, MAKER, reason="first"))
        done(await reject(database, window.id, CHECKER, reason="the file was late"))
        done(await submit(database, window.id, MAKER))
        if ends == "approved":
            digest = (await seen(database, window.id)).figures.digest
            done(await approve(database, window.id, CHECKER, digest=digest, reason="compared"))
        if ends == "aborted":
            assert isinstance(await abort(database, window.id, CHECKER, reason="a mistake"), Window)
    assert await findings(database) == []


@pytest.mark.parametrize(
    ("change", "column"),
    [
        (f"sha256 = '{'0' * 64}'", "sha256"),
        ("size_bytes = size_bytes + 1", "size_bytes"),
        ("lines = lines + 1", "lines"),
        ("file_name = 'other.csv'", "file_name"),
    ],
)
async def test_tampering_with_statements_is_found(
    database: Database, superuser: Connection, tmp_path: Path, change: str, column: str
) -> None:
    """The audit writes every statement again, to nowhere, and compares."""
    await two_windows(database)
    window = await to_advised(database, tmp_path)
    assert await findings(database) == []
    changed = await superuser.execute(
        f"UPDATE settlement_advice SET {change} WHERE format = 'csv' AND window_id = $1", window.window.id
    )
    assert [(check, found) for check, _, found in await findings(database)] == [
        ("statements-as-written", column)
    ] * int(changed.split()[-1])


async def test_a_statement_nobody_remembers_is_found(database: Database, superuser: Connection, tmp_path: Path) -> None:
    await two_windows(database)
    await to_advised(database, tmp_path)
    await superuser.execute("DELETE FROM settlement_advice WHERE file_name LIKE 'operator.json'")
    found = [(check, column) for check, _, column in await findings(database)]
    assert found == [("statements-as-written", column) for column in ("file_name", "sha256", "size_bytes", "lines")]


async def test_the_audit_writes_only_doubtful_statements_again(
    database: Database, superuser: Connection, tmp_path: Path
) -> None:
    """What is sealed and complete is passed over; what is not is written again."""
    await two_windows(database)
    advice = await to_advised(database, tmp_path)
    check, books = AdviceAsWritten(), Books((), ())
    async with database.connection() as connection:
        assert await check.spans(connection, books) == []
    await superuser.execute("UPDATE settlement_advice SET lines = lines + 1 WHERE file_name = 'hotel.pdf'")
    async with database.connection() as connection:
        assert await check.spans(connection, books) == [(advice.window.id,)]


async def test_a_seal_that_is_not_of_the_statements_is_found(
    database: Database, superuser: Connection, tmp_path: Path
) -> None:
    await two_windows(database)
    await to_advised(database, tmp_path)
    await superuser.execute(f"UPDATE settlement_advice_seal SET digest = '{'0' * 64}'")
    assert await findings(database) == [("statements-as-written", "window 3", "digest")]


@pytest.mark.parametrize("change", ["DELETE FROM", "UPDATE"])
async def test_tampering_with_what_statements_say_of_parties_is_found(
    database: Database, superuser: Connection, tmp_path: Path, change: str
) -> None:
    """Who took another day for the due day's changed what was sealed, and the statements come out otherwise."""
    await two_windows(database)
    await to_advised(database, tmp_path)
    await superuser.execute(f"{change} settlement_advice_party" + (" SET due_on = '2020-01-01'" * (change == "UPDATE")))
    found = {(check, column) for check, _, column in await findings(database)}
    assert ("statements-as-written", "sha256") in found


async def test_files_and_seal_changed_alike_are_found_by_writing_again(
    database: Database, superuser: Connection, tmp_path: Path
) -> None:
    await two_windows(database)
    await to_advised(database, tmp_path)
    await superuser.execute(f"UPDATE settlement_advice SET sha256 = '{'0' * 64}' WHERE file_name = 'hotel.xlsx'")
    await superuser.execute("UPDATE settlement_advice_seal SET digest = settlement_advice_digest(window_id)")
    assert await findings(database) == []
    report = await audit(database, checks=[STATEMENTS_CHECK])
    assert [(found.check, found.column) for found in report.findings] == [("statements-as-written", "sha256")]


async def test_money_that_left_what_is_owed_is_found(database: Database) -> None:
    """A well-formed posting that no window explains."""
    network, _ = await two_windows(database)
    airline = network.directory.brands[network.brand_id("airline")]
    stray = Transfer(
        new_id(), owed_account(airline.id).id, position_account(airline).id, 5, Code.NETTING, reference=new_id()
    )
    async with database.transaction() as connection:
        (outcome,) = await post(connection, [stray], clock=database.clock)
    assert outcome.ok
    assert await findings(database) == [
        ("positions-sum-to-zero", "position", "sum"),
        ("due-and-owed-equal-the-nets", "owed airline", "net"),
    ]
