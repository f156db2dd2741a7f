"""Two persons: nothing goes round them."""

from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from core.database import Connection, Database
from settlement import (
    Actor,
    Decision,
    FiguresChanged,
    ReasonMissing,
    SamePerson,
    Status,
    Window,
    WrongStep,
    advise,
    approve,
    reject,
    submit,
)
from tests.network import load_network
from tests.settlement.trade import CHECKER, MAKER, done, seen, to_approved, to_netted, trade


async def submitted(database: Database) -> tuple[Window, str]:
    """A window with one exchange, submitted by the maker, and the digest of its figures."""
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 10_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    window = await to_netted(database)
    window = done(await submit(database, window.id, MAKER, reason="January"))
    return window, (await seen(database, window.id)).figures.digest


async def status(database: Database, window_id: UUID) -> Status:
    """Where the window stands."""
    return (await seen(database, window_id)).window.status


async def test_what_was_submitted_and_approved_is_on_record(database: Database) -> None:
    window, digest = await submitted(database)
    done(await approve(database, window.id, CHECKER, digest=digest, reason="compared with the bank"))
    (approval,) = (await seen(database, window.id)).approvals
    assert approval.digest == digest
    assert (approval.submitted_by, approval.submitted_reason) == ("maker-7", "January")
    assert (approval.decision, approval.decided_by) == (Decision.APPROVED, "checker-3")
    assert approval.decided_reason == "compared with the bank"


@pytest.mark.parametrize("spelling", ["maker-7", "Maker-7", " maker-7 ", "ｍａｋｅｒ-7"])
async def test_the_submitter_cannot_approve(database: Database, spelling: str) -> None:
    """However the subject is spelt."""
    window, digest = await submitted(database)
    refused = await approve(database, window.id, Actor(spelling), digest=digest, reason="all is well")
    assert refused == SamePerson(1, "maker-7")
    assert await status(database, window.id) is Status.SUBMITTED


@pytest.mark.parametrize("subject", ["", "  ", "a\nb", "x" * 201])
def test_nobody_is_called_that(subject: str) -> None:
    with pytest.raises(ValueError, match="cannot be a subject"):
        Actor(subject)


async def test_an_approval_needs_a_reason(database: Database) -> None:
    window, digest = await submitted(database)
    assert await approve(database, window.id, CHECKER, digest=digest, reason=" ") == ReasonMissing()
    assert await status(database, window.id) is Status.SUBMITTED


async def test_approving_other_figures_than_those_submitted(database: Database) -> None:
    """The checker names what was seen; when that is something else, nothing happens and the submission stands."""
    window, digest = await submitted(database)
    refused = await approve(database, window.id, CHECKER, digest="0" * 64, reason="compared")
    assert refused == FiguresChanged(1, digest, "0" * 64)
    assert done(await approve(database, window.id, CHECKER, digest=digest, reason="compared")).status is Status.APPROVED


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE settlement_payment SET amount_fen = amount_fen + 1 WHERE amount_fen = 15000",
        "UPDATE settlement_subtotal SET debits = debits + 1 WHERE debits > 0",
        "UPDATE settlement_position SET opening = opening + 1 WHERE settled < 0",
        "DELETE FROM settlement_payment WHERE amount_fen = 14850",
    ],
)
async def test_figures_changed_after_submission_void_it(
    database: Database, superuser: Connection, tampering: str
) -> None:
    """Even the database's owner cannot slip another figure under a submission."""
    window, digest = await submitted(database)
    await superuser.execute(tampering)
    refused = await approve(database, window.id, CHECKER, digest=digest, reason="compared")
    assert isinstance(refused, FiguresChanged)
    assert refused.submitted == digest != refused.found
    found = await seen(database, window.id)
    assert found.window.status is Status.NETTED
    assert [approval.decision for approval in found.approvals] == [Decision.VOIDED]
    assert await approve(database, window.id, CHECKER, digest=digest, reason="again") == WrongStep(
        1, Status.NETTED, Status.SUBMITTED
    )


async def test_transfers_changed_after_submission_void_it(database: Database, superuser: Connection) -> None:
    """The figures are counted again from the transfers, not only read again."""
    window, digest = await submitted(database)
    await superuser.execute("ALTER TABLE ledger_transfer DISABLE TRIGGER USER")
    await superuser.execute("UPDATE ledger_transfer SET code = 15 WHERE code = 14")
    refused = await approve(database, window.id, CHECKER, digest=digest, reason="compared")
    assert isinstance(refused, FiguresChanged)
    assert await status(database, window.id) is Status.NETTED


async def test_a_rejected_window_can_be_submitted_again(database: Database) -> None:
    window, digest = await submitted(database)
    assert await reject(database, window.id, CHECKER, reason="") == ReasonMissing()
    for _ in range(2):
        assert done(await reject(database, window.id, CHECKER, reason="the file was late")).status is Status.NETTED
    done(await submit(database, window.id, Actor("maker-8")))
    done(await approve(database, window.id, MAKER, digest=digest, reason="compared"))
    found = (await seen(database, window.id)).approvals
    assert [(approval.submitted_by, approval.decision, approval.decided_by) for approval in found] == [
        ("maker-7", Decision.REJECTED, "checker-3"),
        ("maker-8", Decision.APPROVED, "maker-7"),
    ]


@pytest.mark.parametrize("advised", [False, True])
async def test_only_the_same_approval_may_be_repeated(database: Database, tmp_path: Path, *, advised: bool) -> None:
    """Nobody is told that figures are approved which nobody approved, nor that their own name stands under them."""
    window, digest = await submitted(database)
    window = done(await approve(database, window.id, CHECKER, digest=digest, reason="compared"))
    if advised:
        await advise(database, window.id, MAKER, folder=tmp_path)
    before = await seen(database, window.id)
    assert await approve(database, window.id, CHECKER, digest=digest, reason="compared") == before.window
    for actor in (CHECKER, Actor("checker-4")):
        refused = await approve(database, window.id, actor, digest="0" * 64, reason="compared")
        assert refused == FiguresChanged(1, digest, "0" * 64)
    refused = await approve(database, window.id, Actor("checker-4"), digest=digest, reason="compared")
    assert refused == WrongStep(1, before.window.status, Status.SUBMITTED)
    assert await approve(database, window.id, MAKER, digest=digest, reason="mine") == SamePerson(1, "maker-7")
    assert await seen(database, window.id) == before


async def test_only_the_submitter_may_repeat_a_submission(database: Database) -> None:
    window, digest = await submitted(database)
    assert await submit(database, window.id, MAKER) == window
    assert await submit(database, window.id, CHECKER) == WrongStep(1, Status.SUBMITTED, Status.NETTED)
    window = done(await approve(database, window.id, CHECKER, digest=digest, reason="compared"))
    assert await submit(database, window.id, MAKER) == window
    assert await submit(database, window.id, CHECKER) == WrongStep(1, Status.APPROVED, Status.NETTED)


async def test_only_the_rejecter_may_repeat_a_rejection(database: Database) -> None:
    window, _ = await submitted(database)
    window = done(await reject(database, window.id, CHECKER, reason="the file was late"))
    assert await reject(database, window.id, CHECKER, reason="the file was late") == window
    assert await reject(database, window.id, MAKER, reason="me too") == WrongStep(1, Status.NETTED, Status.SUBMITTED)


async def test_an_approved_window_cannot_be_rejected(database: Database, tmp_path: Path) -> None:
    await load_network(database)
    window = await to_approved(database)
    refused = await reject(database, window.id, CHECKER, reason="too late")
    assert refused == WrongStep(1, Status.APPROVED, Status.SUBMITTED)
    await advise(database, window.id, MAKER, folder=tmp_path)


_OWN_DECISION = """
UPDATE settlement_approval
SET (decision, decided_by, decided_at, decided_reason) = ('APPROVED', 'maker-7', now(), 'it is mine')
"""

_ROUND = {
    "a decision by the submitter": (
        _OWN_DECISION,
        asyncpg.CheckViolationError,
    ),
    "a status without a decision": (
        "UPDATE settlement_window SET status = 'APPROVED' WHERE number = 1",
        asyncpg.RestrictViolationError,
    ),
    "a step that is left out": (
        "UPDATE settlement_window SET status = 'ADVISED' WHERE number = 1",
        asyncpg.RestrictViolationError,
    ),
    "another cut-off": (
        "UPDATE settlement_window SET cut_off_at = now() WHERE number = 1",
        asyncpg.RestrictViolationError,
    ),
    "another digest": (
        f"UPDATE settlement_approval SET digest = '{'0' * 64}'",
        asyncpg.InsufficientPrivilegeError,
    ),
    "another submitter": (
        "UPDATE settlement_approval SET submitted_by = 'somebody'",
        asyncpg.InsufficientPrivilegeError,
    ),
    "another payment": (
        "UPDATE settlement_payment SET amount_fen = 1",
        asyncpg.InsufficientPrivilegeError,
    ),
    "another history": (
        "DELETE FROM settlement_history",
        asyncpg.InsufficientPrivilegeError,
    ),
}


@pytest.mark.parametrize("way", _ROUND)
async def test_the_database_refuses_the_application_a_way_round(database: Database, way: str) -> None:
    statement, refusal = _ROUND[way]
    window, _ = await submitted(database)
    before = await seen(database, window.id)
    with pytest.raises(refusal):
        async with database.transaction() as connection:
            await connection.execute(statement)
    assert await seen(database, window.id) == before


async def test_a_decision_is_for_ever(database: Database) -> None:
    await load_network(database)
    await to_approved(database)
    with pytest.raises(asyncpg.RestrictViolationError):
        async with database.transaction() as connection:
            await connection.execute("UPDATE settlement_approval SET decided_reason = 'other'")
