"""What a REST brand is told, what its answers mean, and what people see of both."""

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from core.database import Database
from exchange.brand_system import (
    BrandBalance,
    BrandEvent,
    BrandTransaction,
    BrandUnavailable,
    Done,
    Failed,
    Failure,
    FollowUp,
    Health,
    LinkedMember,
    MemberReference,
    NotFound,
    Operation,
    Pending,
)
from tests.adapters.servers import ENVIRONMENT, KEY, Desk, instruction, reached, reference
from tests.brands.adapter_samples import REST
from tests.brands.samples import bend

LIN = MemberReference("10001", "Lin")
NOON = datetime(2026, 1, 15, 4, tzinfo=UTC)


def desk(*answers: Any) -> Desk:
    """Answers one after the other; the last one again and again."""
    left = list(answers)

    def answer(request: web.Request, body: bytes) -> web.StreamResponse:
        del request, body
        found = left.pop(0) if len(left) > 1 else left[0]
        return found() if callable(found) else found if isinstance(found, web.Response) else web.json_response(found)

    return Desk(answer)


def at(url: str) -> str:
    return bend(REST, "https://rail.example/v1", f"{url}/v1")


async def test_a_debit_as_it_is_sent(database: Database, tmp_path: Path) -> None:
    """Validated first, with the token of a single use, the reference and the key; amounts as the brand writes them."""
    rail = desk({"number": "10001", "token": "T-1"}, {"state": "ok", "id": 77})
    async with rail.serving() as url, reached(database, tmp_path, at(url)) as (systems, program):
        asked = instruction(amount=1205)
        assert await systems.of(program).debit(asked) == Done("77")
    (_, check, _, body), (method, path, headers, debit) = rail.asked
    assert (check, json.loads(body)) == ("/v1/members/10001/validations", {"surname": "Lin"})
    assert (method, path) == ("POST", "/v1/debits")
    assert json.loads(debit) == {"member": "10001", "token": "T-1", "points": "12.05", "at": "2026-01-15T04:00:00.000Z"}
    assert headers["Idempotency-Key"] == asked.reference.text
    assert headers["X-Api-Key"] == KEY
    assert (headers["Accept-Language"], headers["Content-Type"]) == ("en", "application/json")


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (web.json_response({"error": {"code": "LOW"}}, status=422), Failure.INSUFFICIENT),
        (web.Response(status=404, text="{}"), Failure.MEMBER_NOT_FOUND),
        (web.Response(status=500), Failure.NOT_SENT),
        (web.Response(text="<html>"), Failure.NOT_SENT),
    ],
)
async def test_a_validation_that_fails(
    database: Database, tmp_path: Path, answer: web.Response, failure: Failure
) -> None:
    """The debit itself is not sent, and so never is unknown."""
    rail = desk(answer)
    async with rail.serving() as url, reached(database, tmp_path, at(url)) as (systems, program):
        found = await systems.of(program).debit(instruction())
    assert isinstance(found, Failed)
    assert found.failure is failure
    assert len(rail.asked) == 1


async def test_what_a_member_is_told_cannot_change_the_request(database: Database, tmp_path: Path) -> None:
    """Numbers and names are values: not parts of paths, not keys, not headers."""
    rail = desk({"balance": "1.00"})
    async with rail.serving() as url, reached(database, tmp_path, at(url)) as (systems, program):
        system = systems.of(program)
        assert isinstance(await system.balance(MemberReference("a/../b?c=d#e%2F")), BrandBalance)
        assert await system.balance(MemberReference("..")) == Failed(
            Failure.INVALID, "A part of the path is empty or leads elsewhere."
        )
        assert await system.balance(MemberReference("")) == Failed(
            Failure.INVALID, "A part of the path is empty or leads elsewhere."
        )
    assert [path for _, path, _, _ in rail.asked] == ["/v1/members/a%2F..%2Fb%3Fc%3Dd%23e%252F"]


async def test_inquiries(pinned_database: Database, tmp_path: Path) -> None:
    """Only a successful answer tells how the instruction ended; not found is final after a while."""
    unavailable = web.json_response({"error": {"code": "LOW"}}, status=400)
    rail = desk({"state": "ok"}, {"state": "wait"}, {"error": {"code": "LOW"}}, unavailable)
    asked, sent = reference(), pinned_database.clock.now()
    async with rail.serving() as url, reached(pinned_database, tmp_path, at(url)) as (systems, program):
        system = systems.of(program)
        assert await system.inquire(asked, None, sent) == Done(None)
        assert await system.inquire(asked, None, sent) == Pending(None)
        assert await system.inquire(asked, None, sent) == Failed(Failure.INSUFFICIENT, "HTTP 200", "LOW")
        assert await system.inquire(asked, None, sent) == Failed(Failure.UNKNOWN, "HTTP 400", "LOW")
    lost = desk(lambda: web.json_response({}, status=404))
    async with lost.serving() as url, reached(pinned_database, tmp_path, at(url)) as (systems, program):
        system = systems.of(program)
        assert await system.inquire(asked, None, sent - timedelta(seconds=59)) == NotFound(final=False)
        assert await system.inquire(asked, None, sent - timedelta(seconds=60)) == NotFound(final=True)
    assert {path for _, path, _, _ in lost.asked} == {f"/v1/operations/{asked.text}"}


async def test_answers_to_something_else_are_not_believed(database: Database, tmp_path: Path) -> None:
    """An answer that repeats another reference or another amount is unknown."""
    echo = 'reference = "body.key", amount = "body.points", done = "body.state == \'ok\'", pending'
    text = bend(
        REST, "done = \"body.state == 'ok'\", pending = \"body.state == 'wait'\", brand_reference", "%"
    ).replace('answer = { % = "body.id" }', f'answer = {{ {echo} = "body.wait", brand_reference = "body.id" }}')
    text = bend(text, "validate_first = true\n", "")
    asked = instruction()
    said = [
        {"state": "ok", "key": asked.reference.text, "points": "-12.50"},
        {"state": "ok", "key": "another", "points": "12.50"},
        {"state": "ok", "key": asked.reference.text, "points": "12.51"},
        {"state": "ok", "key": asked.reference.text, "points": 12.5},
        {"state": "ok", "key": asked.reference.text, "points": "many"},
        {"state": "ok"},
    ]
    rail = desk(*said)
    async with (
        rail.serving() as url,
        reached(database, tmp_path, text.replace("https://rail.example/v1", url)) as (
            systems,
            program,
        ),
    ):
        found = [await systems.of(program).debit(asked) for _ in said]
    assert found == [
        Done(None),
        Failed(Failure.UNKNOWN, "the answer is to another instruction"),
        Failed(Failure.UNKNOWN, "the answer tells of another amount"),
        Done(None),
        Failed(Failure.UNKNOWN, "'many' is not a decimal number"),
        Done(None),
    ]


async def test_questions_about_a_member(pinned_database: Database, tmp_path: Path) -> None:
    """Balance with its instant, tier, and what cannot be read."""
    rail = desk(
        {"balance": "20.50", "asOf": "2026-01-15T11:59:00+08:00"},
        {"balance": "20.509", "asOf": "2026-01-15T11:59:00"},
        {"balance": None},
        {"number": "010001", "tier": "gold", "token": "T"},
        {"number": "010001", "tier": "gold", "token": "T"},
        web.json_response({"error": {"code": "?", "text": "who?"}}, status=404),
    )
    async with rail.serving() as url, reached(pinned_database, tmp_path, at(url)) as (systems, program):
        system = systems.of(program)
        assert await system.balance(LIN) == BrandBalance(2050, datetime(2026, 1, 15, 3, 59, tzinfo=UTC))
        assert await system.balance(LIN) == Failed(Failure.UNKNOWN, "20.509 has more than 2 decimals")
        assert await system.balance(LIN) == Failed(Failure.UNKNOWN, "an amount is not one")
        assert await system.link(LIN) == LinkedMember("010001", "T", "gold")
        assert await system.tier(LIN) == "gold"
        assert await system.validate(LIN) == Failed(Failure.MEMBER_NOT_FOUND, "who?", "?")
        assert await system.unlink(LIN) == Done(None)
        assert await system.hold(instruction(Operation.HOLD)) == Failed(Failure.UNSUPPORTED, "hold is not mapped")
        assert await system.fetch_statement(date(2026, 1, 15)) == Failed(Failure.UNSUPPORTED, "statement is not mapped")


async def test_a_reversal_names_the_original(database: Database, tmp_path: Path) -> None:
    """Ours and theirs."""
    rail = desk({"state": "ok"})
    first, second = reference(), reference(Operation.REVERSAL)
    async with rail.serving() as url, reached(database, tmp_path, at(url)) as (systems, program):
        assert await systems.of(program).reverse(FollowUp(second, first, "B-1", LIN, 50, NOON)) == Done(None)
    assert json.loads(rail.asked[0][3]) == {"id": second.text, "of": first.text, "points": "0.50"}


async def test_health(database: Database, tmp_path: Path) -> None:
    """Up, down with the time to wait, away."""
    rail = desk({}, web.Response(status=503, headers={"Retry-After": "9"}))
    async with rail.serving() as url, reached(database, tmp_path, at(url)) as (systems, program):
        system = systems.of(program)
        assert await system.health() == Health(up=True)
        assert await system.health() == Health(up=False, message="HTTP 503", retry_after_seconds=9.0)
    async with reached(database, tmp_path, at(url)) as (systems, program):
        assert await systems.of(program).health() == Health(up=False, message="the connection was refused")


async def test_transactions_page_by_page(database: Database, tmp_path: Path) -> None:
    """All pages, only what lies in the period; a cursor that comes again ends it with an error."""
    item = {"id": 1, "key": "k", "member": "10001", "points": "-2.00", "at": "2026-01-15T04:00:00Z"}
    late = {**item, "id": 2, "key": None, "at": "2026-01-15T04:00:01Z"}
    rail = desk({"items": [item], "next": "p 2"}, {"items": [late], "next": None})
    async with rail.serving() as url, reached(database, tmp_path, at(url)) as (systems, program):
        system = systems.of(program)
        found = [one async for one in system.transactions(NOON - timedelta(hours=1), NOON)]
        assert found == [BrandTransaction("1", "k", "10001", -200, NOON)]
        asked = [set(path.partition("?")[2].split("&")) for _, path, _, _ in rail.asked]
        period = {"from=2026-01-15T03%3A00%3A00.000Z", "to=2026-01-15T04%3A00%3A00.000Z"}
        assert asked == [period, {*period, "page=p+2"}]
    endless = desk({"items": [], "next": "1"})
    async with endless.serving() as url, reached(database, tmp_path, at(url)) as (systems, program):
        with pytest.raises(BrandUnavailable, match="do not end"):
            _ = [one async for one in systems.of(program).transactions(NOON, NOON)]
    assert len(endless.asked) == 2


async def test_calls_are_written_down_without_secrets(database: Database, tmp_path: Path) -> None:
    """Evidence shows what was said and answered; a brand that repeats our key does not reveal it."""
    rail = desk({"number": "10001"}, web.json_response({"error": {"code": "X", "text": f"bad {KEY}"}}, status=400))
    async with rail.serving() as url, reached(database, tmp_path, at(url)) as (systems, program):
        asked = instruction()
        with systems.recording() as records:
            found = await systems.of(program).debit(asked)
        await systems.of(program).debit(instruction())
    assert found == Failed(Failure.INVALID, "bad ▮▮▮", "X")
    assert [(record.call, record.reference, record.outcome) for record in records] == [
        ("validate", None, "HTTP 200"),
        ("debit", asked.reference.text, "HTTP 400"),
    ]
    assert f"POST {url}/v1/debits" in records[1].request
    assert "X-Api-Key: ▮▮▮" in records[1].request
    assert KEY not in repr(records)


async def test_a_secret_that_nobody_gave(database: Database, tmp_path: Path) -> None:
    """Nothing is sent; the failure says where the secret would stand."""
    rail = desk({})
    async with rail.serving() as url, reached(database, tmp_path, at(url), {}) as (systems, program):
        found = await systems.of(program).credit(instruction(Operation.CREDIT))
    assert found == Failed(Failure.AUTH, "the secret api-key is not set: AGIO_BRAND_RAIL_API_KEY, or agio brand secret")
    assert rail.asked == []


async def test_another_address_of_the_installation(database: Database, tmp_path: Path) -> None:
    """The same network file serves a test system and the real one."""
    rail = desk({"state": "ok"})
    async with rail.serving() as url:
        given = {**ENVIRONMENT, "AGIO_BRAND_RAIL_URL": f"{url}/test/"}
        async with reached(database, tmp_path, REST, given) as (systems, program):
            assert await systems.of(program).credit(instruction(Operation.CREDIT)) == Done(None)
    assert rail.asked[0][1] == "/test/credits"


def _signed(body: bytes, stamp: int, key: bytes = b"hook-key-0123") -> dict[str, str]:
    signature = hmac.digest(key, f"{stamp}.".encode() + body, hashlib.sha256).hex()
    return {"X-SIGN": signature, "X-Time": str(stamp)}


async def test_webhooks(pinned_database: Database, tmp_path: Path) -> None:
    """Only what the brand signed, lately, is read."""
    now = int(pinned_database.clock.now().timestamp())
    body = json.dumps({"id": 5, "key": "ref", "state": "ok"}).encode()
    async with reached(pinned_database, tmp_path, REST) as (systems, program):
        system = systems.of(program)
        assert await system.parse_webhook(_signed(body, now), body) == BrandEvent("5", "ref", Done(None))
        assert await system.parse_webhook(_signed(body, now - 300), body) == BrandEvent("5", "ref", Done(None))
        wrong = Failed(Failure.AUTH, "the signature is wrong or too old")
        assert await system.parse_webhook(_signed(body, now - 301), body) == wrong
        assert await system.parse_webhook(_signed(body, now, b"other"), body) == wrong
        assert await system.parse_webhook(_signed(body, now), body + b" ") == wrong
        assert await system.parse_webhook({}, body) == wrong
        assert await system.parse_webhook({"X-Sign": "", "X-Time": "-1"}, body) == wrong
        failed, odd = b'{"id": "6", "key": "ref", "state": "no"}', b'{"id": "7", "key": "ref", "state": "?"}'
        assert await system.parse_webhook(_signed(failed, now), failed) == BrandEvent(
            "6", "ref", Failed(Failure.INVALID)
        )
        assert await system.parse_webhook(_signed(odd, now), odd) == BrandEvent("7", "ref", None)
        junk = b"{"
        assert await system.parse_webhook(_signed(junk, now), junk) == Failed(Failure.INVALID, "the answer is not JSON")


async def test_the_system_changes_with_the_configuration(database: Database, tmp_path: Path) -> None:
    """The same object for the same configuration, and another for another."""
    async with reached(database, tmp_path, REST) as (systems, program):
        first = systems.of(program)
        assert systems.of(program) is first
    async with reached(database, tmp_path, bend(REST, "seconds = 2.5", "seconds = 3")) as (_, changed):
        second = systems.of(changed)
        assert second is not first
        assert second.capabilities.deadline_seconds == 3.0


async def test_evidence_holds_neither_the_members_name_nor_their_token(database: Database, tmp_path: Path) -> None:
    """Both are sent as mapped; what people are shown of the messages and of the brand's own words is blotted."""
    words = {"error": {"code": "LOW", "text": "Linda (T-lasting) has too little"}}
    rail = desk({"number": "10001", "token": "T-lasting"}, lambda: web.json_response(words, status=422))
    linda = MemberReference("10001", "Linda", "T-lasting")
    async with rail.serving() as url, reached(database, tmp_path, at(url)) as (systems, program):
        asked = replace(instruction(amount=1205), member=linda)
        with systems.recording() as records:
            answer = await systems.of(program).debit(asked)
    sent = b"".join(body for *_, body in rail.asked)
    assert b'"surname":"Linda"' in sent
    shown = " ".join((str(answer), *(text for record in records for text in (record.request, record.answer))))
    assert "10001" in shown
    assert "Linda" not in shown
    assert "T-lasting" not in shown
