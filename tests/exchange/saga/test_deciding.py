"""The manual queue: evidence, allowed actions, and two persons where value moves."""

import pytest

from exchange import Exchange, ReasonUnusable, State
from exchange.saga.cases import Case, cases
from exchange.saga.deciding import Action, Proposal, allowed_actions, approve, assign, propose, reject
from exchange.saga.errand_rows import errands_by_id
from exchange.saga.errors import (
    ActionNotAllowed,
    AlreadyProposed,
    CaseClosed,
    EvidenceChanged,
    ReasonMissing,
    SamePerson,
)
from exchange.saga.evidence import evidence_of
from tests.exchange.saga.stage import Stage
from tests.exchange.saga.test_life import whole

S = State


async def the_case(stage: Stage) -> Case:
    """The only open case."""
    async with stage.database.connection() as connection:
        (case,) = await cases(connection)
    return case


async def allowed(stage: Stage, case: Case) -> tuple[Action, ...]:
    """What may be done about it."""
    async with stage.database.connection() as connection:
        errand = (await errands_by_id(connection, [case.errand_id]))[case.errand_id]
    return allowed_actions(case, errand)


async def settle(stage: Stage, case: Case, action: Action) -> Case:
    """Two persons do it."""
    proposed = await propose(stage.database, case.id, action, subject="lin.wei", reason="seen in their books")
    assert isinstance(proposed, Proposal), proposed
    done = await approve(
        stage.database, case.id, subject="chen.yu", digest=proposed.digest, reason="seen in their books too"
    )
    assert isinstance(done, Case), done
    await stage.wait()
    assert await whole(stage) == []
    return done


async def stuck_credit(stage: Stage, *, done: bool) -> Exchange:
    """A target that did it, or did not, and never told."""
    made = await stage.exchange(await stage.member(RAIL=3_000), "RAIL", "FERRY")
    stage.ferry.tricks.extend(["lost answer" if done else "lost request", *["not sent"] * 600])
    await stage.wait()
    stage.ferry.tricks.clear()
    assert (await stage.now(made)).state is S.MANUAL
    return made


async def test_it_was_credited(stage: Stage) -> None:
    """Two persons have seen it in the target's books: completed."""
    made = await stuck_credit(stage, done=True)
    case = await the_case(stage)
    assert await allowed(stage, case) == (Action.ASK_AGAIN, Action.CONFIRM_DONE, Action.CONFIRM_UNDONE)
    done = await settle(stage, case, Action.CONFIRM_DONE)
    assert done.closed_as == "CONFIRM_DONE"
    assert (await stage.states(made))[-2:] == [S.MANUAL, S.COMPLETED]
    assert (stage.rail.moved, stage.ferry.moved) == (-1_000, 825)


async def test_it_was_not_credited(stage: Stage) -> None:
    """The source is asked to give back what it took, and only then is the exchange refunded."""
    made = await stuck_credit(stage, done=False)
    await settle(stage, await the_case(stage), Action.CONFIRM_UNDONE)
    assert (await stage.states(made))[-2:] == [S.MANUAL, S.REFUNDED]
    assert (stage.rail.moved, stage.ferry.moved) == (0, 0)


async def test_asking_again_needs_one_person(stage: Stage) -> None:
    """The brand's own answer settles the case, and it closes by itself."""
    made = await stuck_credit(stage, done=True)
    case = await the_case(stage)
    assert isinstance(await propose(stage.database, case.id, Action.ASK_AGAIN, subject="lin.wei", reason="again"), Case)
    await stage.wait()
    assert (await stage.now(made)).state is S.COMPLETED
    closed = await propose(stage.database, case.id, Action.CONFIRM_DONE, subject="lin.wei", reason="late")
    assert closed == CaseClosed("answered")
    assert await whole(stage) == []


async def test_two_persons_and_the_same_evidence(stage: Stage) -> None:
    """Whoever proposed cannot approve; a second proposal waits; another digest, or new evidence, does not count."""
    await stuck_credit(stage, done=True)
    case = await the_case(stage)
    proposed = await propose(stage.database, case.id, Action.CONFIRM_DONE, subject="lin.wei", reason="seen")
    assert isinstance(proposed, Proposal)
    other = await propose(stage.database, case.id, Action.CONFIRM_UNDONE, subject="chen.yu", reason="not seen")
    assert other == AlreadyProposed("CONFIRM_DONE", "lin.wei")
    alone = await approve(stage.database, case.id, subject="lin.wei", digest=proposed.digest, reason="sure")
    assert alone == SamePerson("lin.wei")
    wrong = await approve(stage.database, case.id, subject="chen.yu", digest="0" * 64, reason="sure")
    assert wrong == EvidenceChanged(proposed.digest)
    stage.ferry.tricks.append("not sent")
    await propose(stage.database, case.id, Action.ASK_AGAIN, subject="lin.wei", reason="again")
    await stage.run()
    changed = await approve(stage.database, case.id, subject="chen.yu", digest=proposed.digest, reason="sure")
    assert isinstance(changed, EvidenceChanged)
    assert await stage.superuser.fetchval("SELECT decision FROM exchange_case_decision") == "VOIDED"


@pytest.mark.parametrize(
    ("reason", "refusal"),
    [("", ReasonMissing()), ("  ", ReasonMissing()), ("x" * 201, ReasonUnusable(200)), ("a\x00b", ReasonUnusable(200))],
)
async def test_every_step_gives_its_reason(stage: Stage, reason: str, refusal: object) -> None:
    """One that is missing is asked for, one that cannot be kept is refused; nothing is decided."""
    await stuck_credit(stage, done=True)
    case = await the_case(stage)
    assert await propose(stage.database, case.id, Action.CONFIRM_DONE, subject="lin.wei", reason=reason) == refusal
    proposed = await propose(stage.database, case.id, Action.CONFIRM_DONE, subject="lin.wei", reason="seen")
    assert isinstance(proposed, Proposal)
    digest = proposed.digest
    assert await approve(stage.database, case.id, subject="chen.yu", digest=digest, reason=reason) == refusal
    assert await reject(stage.database, case.id, subject="chen.yu", reason=reason) == refusal
    assert await stage.superuser.fetchval("SELECT count(*) FROM exchange_case_decision WHERE decision IS NULL") == 1


@pytest.mark.parametrize(("action", "balances"), [(Action.WRITE_OFF, (825, -49_500_000)), (Action.TAKEN_BACK, (0, 0))])
async def test_a_late_credit_is_settled(stage: Stage, action: Action, balances: tuple[int, int]) -> None:
    """The points are taken back with their worth, or the operator bears them; the suspense is empty after it."""
    made = await stage.exchange(await stage.member(RAIL=3_000), "RAIL", "FERRY")
    stage.ferry.standing = "late"
    await stage.wait_for(made, S.REFUNDED)
    ((text, (order, _)),) = stage.ferry.pending.items()
    stage.ferry.arrive(text, order)
    await stage.wait()
    case = await the_case(stage)
    assert await allowed(stage, case) == (Action.TAKEN_BACK, Action.WRITE_OFF)
    refused = await propose(stage.database, case.id, Action.CONFIRM_DONE, subject="lin.wei", reason="seen")
    assert refused == ActionNotAllowed(("TAKEN_BACK", "WRITE_OFF"))
    await settle(stage, case, action)
    operator = await stage.superuser.fetchval(
        "SELECT sum(credits_posted - debits_posted)::bigint FROM ledger_account AS account JOIN brands_brand ON "
        "account.owner = brands_brand.id WHERE purpose = 'position'"
    )
    assert (await stage.net("mirror", "FERRY"), -(operator or 0)) == balances
    assert await stage.net("break_suspense") == 0


async def test_evidence_and_owner(stage: Stage) -> None:
    """Every call and answer is there to be read; the case has an owner who can change."""
    made = await stuck_credit(stage, done=True)
    case = await the_case(stage)
    assert case.owner == "operator"
    given = await assign(stage.database, case.id, owner="Lin.Wei")
    assert isinstance(given, Case)
    assert given.owner == "lin.wei"
    async with stage.database.connection() as connection:
        evidence = await evidence_of(connection, made.id)
    assert [(it.mode.value, it.answer, it.failure) for it in evidence[:3]] == [
        ("SEND", "DONE", None), ("SEND", "FAILED", "unknown"), ("ASK", "FAILED", "not_sent"),
    ]  # fmt: skip
    assert evidence[0].brand_reference == f"B-{evidence[0].reference}"
