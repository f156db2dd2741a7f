"""Every fault, by amount and by order: what the caller sees, and what the books say afterwards."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

import aiohttp
import pytest

from adapters.simulator.calls import Call
from adapters.simulator.faults import MAGIC, Fault, FaultKind
from adapters.simulator.orders import Code, Operation
from tests.adapters.simulator.conftest import Answer, Caller

OPENED = 1_000_000


async def outcome(sending: Awaitable[Answer]) -> str:
    """What a caller who does not wait for ever sees."""
    try:
        answer = await asyncio.wait_for(sending, 0.3)
    except TimeoutError:
        return "nothing"
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError):
        return "closed"
    return str(answer.code or (answer.body["status"] if isinstance(answer.body, dict) else "no JSON"))


@pytest.mark.parametrize(
    ("points", "seen", "moved", "asked"),
    [
        (9001, "INSUFFICIENT_BALANCE", 0, "failure"),
        (9002, "LIMIT_EXCEEDED", 0, "failure"),
        (9003, "MEMBER_INELIGIBLE", 0, "failure"),
        (9004, "FRAUD_SUSPECTED", 0, "failure"),
        (9101, "closed", 0, None),
        (9102, "closed", 9102, "success"),
        (9103, "no JSON", 9103, "success"),
        (9104, "closed", 9104, "success"),
        (9105, "RATE_LIMITED", 0, None),
        (9106, "INTERNAL", 0, None),
        (9107, "INTERNAL", 9107, "success"),
        (9108, "systemError", 0, "systemError"),
        (9109, "pending", 0, "pending"),
        (9110, "pending", 0, "pending"),
        (9111, "closed", 0, None),
        (9112, "DUPLICATE_SAME", 9112, "success"),
        (9113, "nothing", 9113, "success"),
        (9114, "nothing", 0, None),
        (9115, "MAINTENANCE", 0, None),
    ],
)
async def test_magic_amounts(caller: Caller, points: int, seen: str, moved: int, asked: str | None) -> None:
    """Each happens once to a reference; what the books say then is told by an inquiry."""
    assert await outcome(caller.credit("r-1", str(points))) == seen
    assert caller.balance() == OPENED + moved
    assert (await caller.inquire("r-1")).body.get("status") == (asked or "failure")
    assert caller.brand.books.total == caller.brand.books.moved


def test_every_magic_amount_is_tested() -> None:
    (parametrized,) = test_magic_amounts.pytestmark  # type: ignore[attr-defined]
    assert [row[0] for row in parametrized.args[1]] == list(MAGIC)


@pytest.mark.parametrize("points", [9101, 9105, 9106, 9108, 9111, 9114, 9115])
async def test_what_was_not_done_is_done_when_it_is_sent_again(caller: Caller, points: int) -> None:
    await outcome(caller.credit("r-1", points))
    assert await outcome(caller.credit("r-1", points)) == "success"
    caller.brand.clock.advance(timedelta(days=1))
    assert (await caller.inquire("r-1")).body["status"] == "success"
    assert caller.balance() == OPENED + points


async def test_pending_ends_by_the_clock(caller: Caller) -> None:
    for points in (9109, 9110):
        assert (await caller.credit(f"r-{points}", points)).body["askAfter"] == 60
    caller.brand.clock.advance(timedelta(seconds=59))
    assert (await caller.inquire("r-9109")).body["status"] == "pending"
    caller.brand.clock.advance(timedelta(seconds=1))
    assert (await caller.inquire("r-9109")).body["status"] == "success"
    failed = await caller.inquire("r-9110")
    assert (failed.body["status"], failed.code) == ("failure", "DECLINED")
    assert caller.balance() == OPENED + 9109


async def test_a_pending_debit_whose_points_are_gone_fails(caller: Caller) -> None:
    await caller.debit("r-1", 9109)
    await caller.debit("r-2", 995_000)
    caller.brand.clock.advance(timedelta(seconds=60))
    assert (await caller.inquire("r-1")).code == "INSUFFICIENT_BALANCE"
    assert caller.balance() == 5_000


async def test_a_late_success_is_booked_after_nothing_was_found(caller: Caller) -> None:
    await outcome(caller.credit("r-1", 9111))
    caller.brand.clock.advance(timedelta(seconds=3599))
    assert (await caller.inquire("r-1")).status == 404
    caller.brand.clock.advance(timedelta(seconds=1))
    assert (await caller.inquire("r-1")).body["status"] == "success"
    assert caller.balance() == OPENED + 9111


async def test_a_system_error_can_be_retried_by_its_id(caller: Caller) -> None:
    noted = await caller.debit("r-1", 9108)
    assert (await caller.send("POST", f"transactions/{noted.body['transactionId']}/retry")).body["status"] == "success"
    assert (await caller.send("POST", "transactions/r-1/retry")).code == "TRANSACTION_NOT_FOUND"
    assert caller.balance() == OPENED - 9108


async def test_faults_meet_the_calls_they_are_for(caller: Caller) -> None:
    """By operation, by reference, by number and so often; other calls pass."""
    kind = FaultKind.ERROR_BEFORE
    caller.brand.faults.set((Fault(kind=kind, operation=Operation.DEBIT, reference="r-*", call=2),))
    seen = [await outcome(caller.debit(name, 5)) for name in ("r-1", "x-1", "r-2", "r-3")]
    assert seen == ["success", "success", "INTERNAL", "success"]
    caller.brand.faults.set((Fault(kind=kind, times=2),))
    assert [(await caller.send("GET", "members/1")).status for _ in range(3)] == [500, 500, 200]


async def test_chances_are_the_same_every_time(caller: Caller) -> None:
    fault = Fault(kind=FaultKind.TOO_MANY, probability=0.2, seed=7)
    runs = []
    for _ in range(2):
        caller.brand.faults.set((fault,))
        runs.append([(await caller.send("GET", "/v1/health")).status for _ in range(50)])
    assert runs[0] == runs[1]
    assert 4 < runs[0].count(429) < 17


async def test_any_code_can_be_ordered_of_any_operation(caller: Caller) -> None:
    caller.brand.faults.set((Fault(kind=FaultKind.REFUSE, code=Code.FRAUD_SUSPECTED),))
    assert (await caller.send("POST", "mvs", {"memberId": "1"})).code == "FRAUD_SUSPECTED"
    assert (await caller.debit("r-1", 5)).code == "FRAUD_SUSPECTED"


async def test_maintenance_closes_every_door(caller: Caller) -> None:
    await caller.send("PUT", "/control/maintenance", {"on": True, "retryAfter": 90})
    for path in ("/v1/health", "members/1"):
        answer = await caller.send("GET", path)
        assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "MAINTENANCE", "90")
    await caller.send("PUT", "/control/maintenance", {"on": False})
    assert (await caller.send("GET", "/v1/health")).status == 200


async def test_every_call_is_kept_as_it_was(caller: Caller) -> None:
    await outcome(caller.credit("r-1", 9102))
    await caller.inquire("r-1")
    lost, asked = caller.brand.calls.after(0)
    assert isinstance(lost, Call)
    assert (lost.operation, lost.reference, lost.member, lost.amount) == ("credit", "r-1", "1", "9102")
    assert (lost.fault, lost.status, lost.outcome, lost.answer) == ("lost_answer", None, "success", "")
    assert (asked.operation, asked.fault, asked.status, asked.outcome) == ("inquire", None, 200, "success")
    assert '"reference":"r-1"' in asked.answer
