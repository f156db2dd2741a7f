"""What waits for a second person is closed, with the reason, once it can no longer come true; nothing else is."""

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import pytest

from core.database import Connection, Database
from core.ids import new_id
from settlement import decide, propose_abort, propose_adjustment
from settlement.cash import (
    BankAccount,
    Imported,
    Kind,
    Proposal,
    ProposalEnded,
    Verdict,
    due_payments,
    instruct,
    proposals,
    propose_allocation,
    propose_bank_account,
    propose_tolerance,
    propose_top_up,
    propose_withdrawal,
    unexplained_lines,
)
from settlement.cash.proposals import keep_proposal
from settlement.lapsing import lapse_impossible, take_in
from tests.network import load_network
from tests.settlement.agreed import agree_on
from tests.settlement.cash.bank import Movement, advised, camt, register
from tests.settlement.cash.test_money import PREPAID, received, whole
from tests.settlement.trade import CHECKER, MAKER, approved

_EVERYTHING = """
SELECT (SELECT count(*) FROM ledger_transfer), (SELECT count(*) FROM ledger_account),
    (SELECT count(*) FROM settlement_window), (SELECT count(*) FROM settlement_model)
"""

_SPOILT = """
INSERT INTO settlement_proposal (id, kind, content, proposed_by, proposed_at, proposed_reason)
VALUES ($1, 'TOLERANCE', jsonb_build_object('payment_id', $2::text), 'maker-7', '2026-01-01Z', 'x') RETURNING id
"""
"""Without an amount."""


def one(found: object) -> Proposal:
    """A proposal that was made."""
    assert isinstance(found, Proposal), found
    return found


async def standing(database: Database) -> Mapping[UUID, Verdict | None]:
    """How each proposal ended, if it did."""
    return {it.id: it.verdict for it in await proposals(database, open_only=False)}


async def test_what_another_approval_made_impossible_is_closed_with_it(database: Database, tmp_path: Path) -> None:
    """A window for which money came cannot be taken back any more, nor a payment that is paid be given up a little."""
    _, window = await advised(database, tmp_path)
    (due,) = [it for it in await due_payments(database) if it.participant == "hotel"]
    await received(database, "S1", 0, Movement(due.open_fen, "nobody knows"))
    (line,) = await unexplained_lines(database)
    back = one(await propose_abort(database, window.id, MAKER, reason="or a wrong rate"))
    pays = one(await propose_allocation(database, line.id, due.id, due.open_fen, MAKER, reason="called them"))
    content = {"payment_id": str(due.id), "amount_fen": 100}
    async with database.transaction() as connection:  # as it stood before a second one was refused
        small = await keep_proposal(connection, Kind.TOLERANCE, content, MAKER, "or too little", database.clock)
    await approved(database, pays)
    assert await lapse_impossible(database) == 1
    ended = await standing(database)
    assert [ended[it.id] for it in (pays, back, small)] == [Verdict.APPROVED, Verdict.LAPSED, Verdict.LAPSED]
    late = await decide(database, small.id, CHECKER, Verdict.APPROVED, digest=small.digest, reason="no")
    assert isinstance(late, ProposalEnded)
    assert (late.verdict, late.by, bool(late.reason)) == (Verdict.LAPSED, "settlement job", True)
    await whole(database)


async def test_what_the_bank_made_impossible_is_closed_by_the_job(database: Database, tmp_path: Path) -> None:
    """The window is paid meanwhile, so that it can no longer be taken back; a refused approval closes it as well."""
    _, window = await advised(database, tmp_path)
    (due,) = [it for it in await due_payments(database) if it.participant == "hotel"]
    gone = [one(await propose_tolerance(database, due.id, 100, MAKER, reason=f"{n}")) for n in range(2)]
    stays = one(await propose_adjustment(database, window.id, "hotel", "airline", 5, MAKER, reason="a fee"))
    assert await lapse_impossible(database) == 0
    await take_in(database, camt("S1", 0, Movement(1, "a stranger")), MAKER)
    assert (await standing(database))[gone[0].id] is None
    await received(database, "S2", 1, Movement(due.open_fen, due.reference))
    refused = await decide(database, gone[0].id, CHECKER, Verdict.APPROVED, digest=gone[0].digest, reason="now")
    assert type(refused).__name__ == "PaymentNotFound"
    assert (await standing(database))[gone[0].id] is Verdict.LAPSED
    assert [await lapse_impossible(database) for _ in range(2)] == [1, 0]
    ended = await standing(database)
    assert [ended[it.id] for it in (*gone, stays)] == [Verdict.LAPSED, Verdict.LAPSED, None]
    await whole(database)


async def test_a_proposal_with_a_bug_stops_no_other(
    database: Database, superuser: Connection, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The others are closed, and the failure is raised, with the proposal, for whoever runs the job to see."""
    await advised(database, tmp_path)
    (due,) = [it for it in await due_payments(database) if it.participant == "hotel"]
    bad = await superuser.fetchval(_SPOILT, new_id(), str(new_id()))
    gone = one(await propose_tolerance(database, due.id, 100, MAKER, reason="a little"))
    imported = await take_in(database, camt("S1", 0, Movement(due.open_fen, due.reference)), MAKER)
    assert isinstance(imported, Imported), imported
    assert (await standing(database))[gone.id] is Verdict.LAPSED
    assert [it.levelname for it in caplog.records if it.name == "agio.settlement"] == ["ERROR"]
    with pytest.raises(ExceptionGroup) as raised:
        await lapse_impossible(database)
    assert [(type(it), it.__notes__) for it in raised.value.exceptions] == [
        (KeyError, [f"It was about proposal {bad}."])
    ]
    assert (await standing(database))[bad] is None
    await whole(database)


async def test_a_decision_stands_where_another_proposal_has_a_bug(
    database: Database, superuser: Connection, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """About the same payment: whoever approved is told that it is done, and the log has the rest."""
    await advised(database, tmp_path)
    (due,) = [it for it in await due_payments(database) if it.participant == "hotel"]
    await superuser.fetchval(_SPOILT, new_id(), str(due.id))
    small = one(await propose_tolerance(database, due.id, 100, MAKER, reason="a little"))
    await approved(database, small)
    assert (await standing(database))[small.id] is Verdict.APPROVED
    assert [it.levelname for it in caplog.records if it.name == "agio.settlement"] == ["ERROR"]


async def test_an_abort_lapses_when_the_bank_has_been_told(database: Database, tmp_path: Path) -> None:
    _, window = await advised(database, tmp_path)
    back = one(await propose_abort(database, window.id, MAKER, reason="a wrong rate"))
    await instruct(database, window.id, MAKER, folder=tmp_path)
    refused = await decide(database, back.id, CHECKER, Verdict.APPROVED, digest=back.digest, reason="yes")
    assert not isinstance(refused, Proposal)
    found = next(it for it in await proposals(database, open_only=False) if it.id == back.id)
    assert (found.verdict, found.decided_reason) == (Verdict.LAPSED, refused.message)


async def test_an_older_account_does_not_come_after_a_newer_one(database: Database) -> None:
    """What was proposed before the account that two persons agreed on is superseded; what came later still waits."""
    await load_network(database)
    made = [
        one(
            await propose_bank_account(
                database, who, BankAccount("H", f"62220000000{n}", "104100000004"), MAKER, reason="x"
            )
        )
        for n, who in enumerate(("hotel", "hotel", "hotel", "airline"))
    ]
    await approved(database, made[1])
    ended = await standing(database)
    assert [ended[it.id] for it in made] == [Verdict.SUPERSEDED, Verdict.APPROVED, None, None]
    late = await decide(database, made[0].id, CHECKER, Verdict.APPROVED, digest=made[0].digest, reason="no")
    assert isinstance(late, ProposalEnded)
    assert str(made[1].id) in late.reason


async def test_what_may_come_true_later_waits(database: Database, superuser: Connection) -> None:
    """A deposit may grow, a cap may widen; looking leaves nothing behind: no transfer, account, window or model."""
    await load_network(database)
    await register(database)
    await agree_on(database, PREPAID)
    await received(database, "S1", 0, Movement(200_00, "deposit"))
    (line,) = await unexplained_lines(database)
    await approved(database, await propose_top_up(database, line.id, "hotel", "air", 200_00, MAKER, reason="x"))
    both = [one(await propose_withdrawal(database, "hotel", "air", 150_00, MAKER, reason="x")) for _ in range(2)]
    await approved(database, both[0])
    before = tuple(await superuser.fetchrow(_EVERYTHING) or ())
    assert await lapse_impossible(database) == 0
    assert (await standing(database))[both[1].id] is None
    assert tuple(await superuser.fetchrow(_EVERYTHING) or ()) == before
    await whole(database)
