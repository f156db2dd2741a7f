"""What the tables themselves forbid, whoever writes them; and what the audit finds when they were written anyway."""

import asyncpg
import pytest

from core.database import Connection
from exchange import State
from exchange.checks import CHECKS
from ledger.audit import audit
from tests.exchange.saga.stage import Stage


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE exchange_call SET attempt = 9",
        "DELETE FROM exchange_call",
        "UPDATE exchange_answer SET answer = 'DONE'",
        "DELETE FROM exchange_answer",
        "DELETE FROM exchange_errand",
        "UPDATE exchange_errand SET amount = 1",
        "DELETE FROM exchange_reversal",
        "UPDATE exchange_reversal SET target_amount = 1",
        "DELETE FROM exchange_case",
        "UPDATE exchange_case SET reason = ''",
        "DELETE FROM exchange_case_decision",
        "UPDATE exchange_case_decision SET action = 'WRITE_OFF'",
        "DELETE FROM exchange_late_success",
    ],
)
async def test_evidence_is_only_added_to(stage: Stage, statement: str) -> None:
    """The application cannot rewrite what was asked, answered, taken back and decided."""
    async with stage.database.connection() as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)


async def test_one_person_is_not_two(stage: Stage, superuser: Connection) -> None:
    """Not even by hand."""
    made = await stage.exchange(await stage.member(RAIL=3_000), "RAIL", "FERRY")
    await stage.run()
    errand = await superuser.fetchval("SELECT id FROM exchange_errand WHERE exchange_id = $1 LIMIT 1", made.id)
    case = await superuser.fetchval(
        """
        INSERT INTO exchange_case (id, exchange_id, errand_id, kind, reason, opened_at, owner, due_at)
        VALUES ($1, $1, $2, 'UNRESOLVED', 'none', now(), 'lin.wei', now()) RETURNING id
        """,
        made.id,
        errand,
    )
    with pytest.raises(asyncpg.CheckViolationError):
        await superuser.execute(
            """
            INSERT INTO exchange_case_decision VALUES ($1, $1, 'CONFIRM_DONE', '', 'lin.wei', now(), '', 'APPROVED',
                'lin.wei', now(), '')
            """,
            case,
        )


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("UPDATE exchange_exchange SET state = 'REFUNDED'", "exchange-life"),
        ("UPDATE exchange_errand SET attempts = attempts + 1", "exchange-evidence"),
        ("DELETE FROM exchange_answer", "exchange-evidence"),
        ("UPDATE exchange_history SET state = 'REFUNDED' WHERE state = 'COMPLETED'", "exchange-life"),
        (
            "UPDATE exchange_exchange SET value_micro = value_micro + 1, rounding_micro = rounding_micro + 1",
            "saga-legs",
        ),
    ],
)
async def test_tampering_is_found(stage: Stage, superuser: Connection, statement: str, check: str) -> None:
    """A row of a saga that was changed behind the application's back is named."""
    made = await stage.exchange(await stage.member(RAIL=3_000), "RAIL", "FERRY")
    await stage.run()
    assert (await stage.now(made)).state is State.COMPLETED
    await superuser.execute(statement)
    found = {finding.check for finding in (await audit(stage.database, checks=CHECKS)).findings}
    assert found & {check, "exchange-history"}


async def test_what_is_held_has_a_timer(stage: Stage, superuser: Connection) -> None:
    """An exchange that nobody would ever look at again is found."""
    await stage.exchange(await stage.member(RAIL=3_000), "RAIL", "FERRY")
    await superuser.execute("UPDATE exchange_errand SET due_at = NULL")
    found = {finding.check for finding in (await audit(stage.database, checks=CHECKS)).findings}
    assert found == {"exchange-timers"}
