"""The control endpoints, and books that outlive the process."""

import json
from pathlib import Path

import msgspec
import pytest

from adapters.simulator.books import Member
from adapters.simulator.brand import BrandSimulator, usual_members
from adapters.simulator.orders import EntryKind, Order
from adapters.simulator.terms import Terms
from tests.adapters.simulator.conftest import Caller


async def test_the_clock_stops_jumps_and_runs(caller: Caller) -> None:
    set_to = await caller.send("PUT", "/control/clock", {"now": "2026-03-01T08:00:00+08:00"})
    assert set_to.body == {"now": "2026-03-01T00:00:00.000000Z", "running": False}
    moved = await caller.send("PUT", "/control/clock", {"advanceSeconds": 1.5})
    assert moved.body["now"] == "2026-03-01T00:00:01.500000Z"
    running = await caller.send("PUT", "/control/clock", {"running": True})
    assert running.body["running"] is True
    assert running.body["now"] >= moved.body["now"]


async def test_moving_the_clock_decides_what_was_pending(caller: Caller) -> None:
    await caller.credit("r-1", 9109)
    await caller.send("PUT", "/control/clock", {"advanceSeconds": 60})
    assert caller.balance() == 1_009_109


async def test_members_are_opened_and_changed_through_the_books(caller: Caller) -> None:
    wanted = [{"number": "7", "balance": "50", "tier": "gold"}, {"number": "1", "balance": 10}]
    assert (await caller.send("POST", "/control/members", wanted)).body == {"members": 4}
    assert [caller.balance(number) for number in ("7", "1")] == [50, 10]
    assert caller.brand.books.total == caller.brand.books.moved


async def test_the_books_and_outcomes_by_reference(caller: Caller) -> None:
    await caller.debit("r-1", 100)
    books = (await caller.send("GET", "/control/books")).body
    figures = {name: books[name] for name in ("sum", "moved", "whole", "entries", "pending", "calls")}
    assert figures == {"sum": "1000400", "moved": "1000400", "whole": True, "entries": 3, "pending": 0, "calls": 1}
    assert {member["number"]: member["balance"] for member in books["members"]} == {"1": "999900", "2": "0", "3": "500"}
    (found,) = (await caller.send("GET", "/control/outcomes?reference=r-1")).body
    assert (found["status"], found["signed"]) == ("success", "-100")


@pytest.mark.parametrize(
    ("path", "body", "about"),
    [
        ("faults", [{"kind": "no_such"}], "no_such"),
        ("faults", [{"kind": "half", "operation": "dance"}], "dance"),
        ("clock", {"now": "yesterday"}, "now"),
        ("clock", {"then": 1}, "then"),
        ("maintenance", {}, "on"),
    ],
)
async def test_what_cannot_be_ordered_is_said(caller: Caller, path: str, body: object, about: str) -> None:
    answer = await caller.send("PUT", f"/control/{path}", body)
    assert answer.status == 400
    assert about in answer.body["error"]


async def test_faults_are_ordered_shown_and_cleared(caller: Caller) -> None:
    ordered = [{"kind": "lost_answer", "operation": "credit", "times": 1}]
    shown = (await caller.send("PUT", "/control/faults", ordered)).body
    assert [(fault["kind"], fault["operation"], fault["times"]) for fault in shown["faults"]] == [
        ("lost_answer", "credit", 1)
    ]
    assert shown["magic"]["9102"]["kind"] == "lost_answer"
    assert (await caller.send("DELETE", "/control/faults")).body["faults"] == []


def test_the_books_outlive_the_process(tmp_path: Path) -> None:
    """Members, entries, references and what is pending come back; a line cut short by a kill is dropped."""
    state = tmp_path / "books" / "sim.journal"
    first = BrandSimulator(Terms(), state=state)
    first.open_members(*usual_members(first.terms))
    order = Order(EntryKind.DEBIT, "r-1", 2500, "10000001")
    first.desk.move(order)
    with state.open("ab") as file:
        file.write(b'{"members":[{"number":"1000')
    second = BrandSimulator(Terms(), state=state)
    assert (second.books.members, second.books.entries) == (first.books.members, first.books.entries)
    refused = second.desk.move(order)
    assert getattr(refused, "code", None) == "DUPLICATE_SAME"
    second.open_members(Member("7", 5))
    third = BrandSimulator(Terms(), state=state)
    assert (third.books.total, third.books.members) == (first.books.total + 5, second.books.members)
    for brand in (first, second, third):
        brand.books.close()


def test_a_file_that_is_no_journal_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "sim.journal"
    state.write_text(json.dumps({"members": "many"}) + "\n")
    with pytest.raises(msgspec.MsgspecError):
        BrandSimulator(Terms(), state=state)
