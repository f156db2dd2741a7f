"""The simulated brand's books, asked through its REST door on a real socket."""

from datetime import timedelta

import pytest

from adapters.simulator.brand import BrandSimulator
from adapters.simulator.terms import Terms
from tests.adapters.simulator.conftest import Caller


async def test_a_debit_is_booked_once_however_often_it_is_sent(caller: Caller) -> None:
    first = await caller.debit("r-1", "2500")
    again = await caller.debit("r-1", 2500)
    assert (first.status, first.body["status"], first.body["balance"]) == (201, "success", "997500")
    assert (again.status, again.code) == (409, "DUPLICATE_SAME")
    assert again.body["original"]["transactionId"] == first.body["transactionId"]
    assert caller.balance() == 997_500


@pytest.mark.parametrize(("amount", "number"), [("2501", "1"), ("2500", "2")])
async def test_a_reference_used_for_something_else_is_refused(caller: Caller, amount: str, number: str) -> None:
    await caller.credit("r-1", "2500")
    changed = await caller.credit("r-1", amount, number)
    other_kind = await caller.debit("r-1", "2500")
    assert (changed.status, changed.code, other_kind.code) == (409, "DUPLICATE_CHANGED", "DUPLICATE_CHANGED")
    assert caller.balance() == 1_002_500


async def test_refusals_are_remembered_under_their_reference(caller: Caller) -> None:
    refused = await caller.debit("r-1", "2000000")
    caller.brand.books.members["1"] = caller.brand.books.members["1"].__class__("1", 9_000_000)
    again = await caller.debit("r-1", "2000000")
    asked = await caller.inquire("r-1")
    assert (refused.status, refused.code, again.code) == (422, "INSUFFICIENT_BALANCE", "INSUFFICIENT_BALANCE")
    assert (asked.status, asked.body["status"], asked.code) == (200, "failure", "INSUFFICIENT_BALANCE")


@pytest.mark.parametrize(
    ("number", "name", "code"),
    [("9", None, "MEMBER_NOT_FOUND"), ("2", "Other", "NAME_MISMATCH"), ("3", None, "MEMBER_INELIGIBLE")],
)
async def test_members_that_may_not_be_dealt_with(caller: Caller, number: str, name: str | None, code: str) -> None:
    body = {"memberId": number, "lastName": name}
    assert (await caller.send("POST", "mvs", body)).code == code
    assert (await caller.order("credits", "r-1", 5, **body)).code == code
    assert caller.brand.books.moved == 1_000_500


@pytest.mark.parametrize(
    "body",
    [
        {"memberId": "1", "amount": 5},
        {"memberId": "1", "amount": 5, "reference": "r/1"},
        {"memberId": "1", "amount": 5, "reference": "r" * 65},
        {"reference": "r-1", "amount": 5},
        {"reference": "r-1", "memberId": "1"},
        {"reference": "r-1", "memberId": "1", "amount": "0"},
        {"reference": "r-1", "memberId": "1", "amount": "-1"},
        {"reference": "r-1", "memberId": "1", "amount": "1.5"},
        {"reference": "r-1", "memberId": "1", "amount": 1.0},
        {"reference": "r-1", "memberId": "1", "amount": True},
        {"reference": "r-1", "memberId": "1", "amount": "1" * 30},
        ["r-1"],
    ],
)
async def test_what_cannot_be_understood_does_nothing(caller: Caller, body: object) -> None:
    answer = await caller.send("POST", "debits", body)
    assert (answer.status, answer.code) == (400, "INVALID_REQUEST")
    assert len(caller.brand.books.entries) == 2


async def test_wrong_keys_are_not_let_in(caller: Caller) -> None:
    answer = await caller.send("GET", "members/1", key="another")
    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


async def test_a_member_validation_is_good_for_one_instruction(caller: Caller) -> None:
    made = await caller.send("POST", "mvs", {"memberId": "1"})
    assert (made.status, made.body["membershipLevel"], made.body["balance"]) == (201, "gold", "1000000")
    used = {"memberId": "1", "memberValidation": made.body["links"]["self"]["href"]}
    assert (await caller.order("debits", "r-1", 5, **used)).status == 201
    assert (await caller.order("debits", "r-1", 5, **used)).code == "DUPLICATE_SAME"
    assert (await caller.order("debits", "r-2", 5, **used)).code == "VALIDATION_USED"
    fresh = (await caller.send("POST", "mvs", {"memberId": "1"})).body["id"]
    caller.brand.clock.advance(timedelta(minutes=16))
    assert (await caller.order("debits", "r-2", 5, memberId="1", memberValidation=fresh)).code == "VALIDATION_EXPIRED"
    assert caller.balance() == 999_995


@pytest.mark.parametrize("terms", [Terms(links_required=True)])
async def test_where_links_are_required_points_move_only_while_linked(caller: Caller) -> None:
    assert (await caller.debit("r-1", 5)).code == "NOT_LINKED"
    linked = await caller.send("PUT", "members/1/link", {})
    assert (await caller.send("PUT", "members/1/link", {})).body["link"] == linked.body["link"]
    assert (await caller.debit("r-2", 5)).status == 201
    assert (await caller.send("DELETE", "members/1/link")).status == 200
    assert (await caller.send("DELETE", "members/1/link")).code == "NOT_LINKED"
    assert (await caller.debit("r-3", 5)).code == "NOT_LINKED"
    assert caller.balance() == 999_995


async def test_a_hold_sets_points_aside_until_captured_or_released(caller: Caller) -> None:
    await caller.order("holds", "h-1", 600_000, memberId="1")
    assert (await caller.debit("r-1", 500_000)).code == "INSUFFICIENT_BALANCE"
    captured = await caller.order("captures", "c-1", 400_000, originalReference="h-1")
    assert (captured.status, captured.body["balance"]) == (201, "600000")
    assert (await caller.order("releases", "l-1", 200_000, originalReference="h-1")).code == "ALREADY_REVERSED"
    await caller.order("holds", "h-2", 600_000, memberId="1")
    assert (await caller.order("captures", "c-2", 600_001, originalReference="h-2")).code == "REVERSAL_EXCEEDS"
    released = await caller.order("releases", "l-2", 600_000, originalReference="h-2")
    assert (released.body["balance"], caller.balance()) == ("600000", 600_000)


async def test_reversals_take_back_no_more_than_was_done(caller: Caller) -> None:
    debit = (await caller.debit("r-1", 1000)).body["transactionId"]
    part = await caller.order("reversals", "v-1", 400, originalTransactionId=debit)
    assert (part.status, part.body["balance"], part.body["originalTransactionId"]) == (201, "999400", debit)
    assert (await caller.order("reversals", "v-1", 400, originalReference="r-1")).code == "DUPLICATE_SAME"
    assert (await caller.order("reversals", "v-2", 601, originalReference="r-1")).code == "REVERSAL_EXCEEDS"
    assert (await caller.order("reversals", "v-3", 600, originalReference="r-1")).status == 201
    assert (await caller.order("reversals", "v-4", 1, originalReference="r-1")).code == "ALREADY_REVERSED"
    assert (await caller.order("reversals", "v-5", 1, originalReference="none")).code == "ORIGINAL_NOT_FOUND"
    other = await caller.order("reversals", "v-6", 1, originalReference="r-1", memberId="2")
    assert other.code == "ORIGINAL_NOT_FOUND"
    assert caller.balance() == 1_000_000
    assert (await caller.inquire("r-1")).body["reversedAmount"] == "1000"


async def test_a_credit_that_was_spent_cannot_be_taken_back(caller: Caller) -> None:
    await caller.credit("r-1", 100, "2")
    await caller.debit("r-2", 60, "2")
    assert (await caller.order("reversals", "v-1", 100, originalReference="r-1")).code == "INSUFFICIENT_BALANCE"
    assert (await caller.order("reversals", "v-2", 40, originalReference="r-1")).status == 201
    assert caller.balance("2") == 0


async def test_what_is_too_old_is_not_taken_back(caller: Caller) -> None:
    await caller.debit("r-1", 1000)
    caller.brand.clock.advance(timedelta(days=181))
    assert (await caller.order("reversals", "v-1", 1000, originalReference="r-1")).code == "REVERSAL_TOO_LATE"


async def test_movements_are_listed_in_pages_and_stated_with_a_control_row(caller: Caller) -> None:
    await caller.debit("r-1", 1000)
    caller.brand.clock.advance(timedelta(hours=12, seconds=1))
    await caller.credit("r-2", 300)
    await caller.debit("r-3", 5_000_000)
    period = "after=2026-01-15T04:00:00Z&until=2026-01-15T16:00:01Z"
    listed = await caller.send("GET", f"transactions?{period}")
    assert [(row["reference"], row["amount"]) for row in listed.body["transactions"]] == [("r-2", "300")]
    first = await caller.send("GET", "transactions?after=2026-01-01T00:00:00Z&until=2026-02-01T00:00:00Z&limit=3")
    rest = await caller.send(
        "GET", f"transactions?after=2026-01-01T00:00:00Z&until=2026-02-01T00:00:00Z&cursor={first.body['next']}"
    )
    assert [row["amount"] for row in first.body["transactions"]] == ["1000000", "500", "-1000"]
    assert ([row["amount"] for row in rest.body["transactions"]], rest.body["next"]) == (["300"], None)
    statement = await caller.send("GET", "statements/2026-01-16")
    assert statement.body.splitlines() == [
        "transaction,reference,member,type,amount,day,recorded_at",
        "SIM00000004,r-2,1,credit,300,2026-01-16,2026-01-16T00:00:01+08:00",
        "TOTAL,1,SIM,,300,2026-01-16,2026-01-16",
    ]


async def test_unknown_references_are_not_found(caller: Caller) -> None:
    assert ((await caller.inquire("never")).status, (await caller.inquire("never")).code) == (
        404,
        "TRANSACTION_NOT_FOUND",
    )


async def test_the_brand_is_up(caller: Caller) -> None:
    assert (await caller.send("GET", "/v1/health")).body == {"status": "up"}


def test_a_new_brand_has_whole_books(brand: BrandSimulator) -> None:
    assert (brand.books.total, brand.books.moved) == (1_000_500, 1_000_500)
