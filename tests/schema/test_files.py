"""Files in and out over HTTP: each for whom it is meant, whole, with its digest."""

import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

import gateway.files
from brands import Scope
from core.database import Database
from core.uploads import file_name
from gateway.settings import GatewaySettings
from schema.scopes import Role
from tests.network import Network
from tests.server import Api, Server, serving
from tests.settlement.reconciliation.statements import Stated, network_of, written
from tests.settlement.trade import to_approved, trade

RECONCILE = """mutation ($input: ReconcileFileInput!) { reconcileFile(input: $input) {
  __typename
  ... on Reconciliation {
    program file sha256 rows accepted dryRun known quarantined { line column reason } breaksCount
    breaks { kind atRisk } matched { rule count } events { kind count }
  }
  ... on StatementFileRefused { reason line message }
} }"""
STATEMENT = """query ($window: ID!, $brand: String) { statement(windowId: $window, brand: $brand) {
  files { format path sha256 sizeBytes lines }
} }"""
WINDOWS = "{ windows { id number status } }"
ADVISE = """mutation ($input: WindowStepInput!) { adviseWindow(input: $input) { __typename } }"""


@pytest.fixture
async def network(database_url: str) -> AsyncIterator[Network]:
    """The airline delivers statements of MILES."""
    database = await Database.connect(database_url, pool_size_max=4)
    yield await network_of(database)
    await database.close()


@pytest.fixture
async def desk(network: Network, own_settings: GatewaySettings) -> AsyncIterator[tuple[Api, Server]]:
    """A gateway on that network."""
    del network
    with serving(own_settings) as server:
        async with Api.of(server) as api:
            yield api, server


async def sent(api: Api, token: str, content: bytes, name: str = "january.csv") -> Any:
    """What the upload is called."""
    answer = await api.send("POST", "/files/uploads", token=token, params={"name": name}, data=content)
    assert answer.status == 201, answer.body
    assert answer.body["sha256"] == hashlib.sha256(content).hexdigest()
    return answer.body


@dataclass(frozen=True)
class Fetched:
    """A file as it came."""

    headers: Mapping[str, str]
    content: bytes


async def fetched(server: Server, path: str, token: str) -> Fetched:
    """The file at this path."""
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(server.url) as session, session.get(path, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return Fetched(answer.headers, await answer.read())


async def reconciled(api: Api, token: str, upload: str, **wishes: object) -> Any:
    """What became of it."""
    answer = await api.ask(RECONCILE, token, input={"program": "MILES", "uploadId": upload} | wishes)
    return answer.data["reconcileFile"] if answer.body.get("data") else answer.body["errors"][0]["extensions"]["code"]


async def test_a_brands_file_through_the_graph(desk: tuple[Api, Server], network: Network) -> None:
    """Row by row as on the command line; a dry run keeps nothing; each sees only its own uploads and programs."""
    api, server = desk
    scopes = frozenset({Scope.STATEMENTS_READ, Scope.BREAKS_WRITE})
    airline, hotel = (server.tokens.brand(network.brand_id(code), scopes) for code in ("airline", "hotel"))
    maker = server.tokens.staff("lin.wei", Role.MAKER)
    day = str((network.database.clock.now() - timedelta(days=2)).date())
    rows = [Stated("A-1", "100", day=day), Stated("A-2", "1.5", day=day), Stated("A-1", "100", day=day)]
    text = written([rows[0], rows[1].text, rows[2]], total=200, period=(day, day))
    upload = (await sent(api, airline, text.encode("gb18030"), "../../etc/january.csv"))["uploadId"]
    tried = await reconciled(api, airline, upload, dryRun=True)
    assert (tried["dryRun"], tried["file"], tried["rows"], tried["accepted"]) == (True, "january.csv", 3, 1)
    assert [(it["line"], it["column"], it["reason"]) for it in tried["quarantined"]] == [
        (3, "里程", "is not a whole amount"), (4, "", "repeats line 2, which counts"),
    ]  # fmt: skip
    assert await reconciled(api, hotel, upload) == "NOT_FOUND"
    assert await reconciled(api, maker, upload) == "NOT_FOUND"
    own = (await sent(api, hotel, text.encode("gb18030"), "january.csv"))["uploadId"]
    assert await reconciled(api, hotel, own) == "NOT_FOUND"
    assert await reconciled(api, airline, str(uuid4())) == "NOT_FOUND"
    assert await reconciled(api, airline, "../airline") == "BAD_USER_INPUT"
    kept = await reconciled(api, airline, upload)
    assert (kept["known"], kept["breaksCount"], kept["breaks"]) == (
        False, 1, [{"kind": "MISSING_HERE", "atRisk": "7.500000"}],
    )  # fmt: skip
    assert (await reconciled(api, airline, upload))["known"]
    other = (await sent(api, maker, written(rows[:1], total=7, period=(day, day)).encode("gb18030")))["uploadId"]
    refused = await reconciled(api, maker, other)
    assert refused == {
        "__typename": "StatementFileRefused", "reason": "PERIOD_STATED", "line": None, "message": refused["message"],
    }  # fmt: skip
    cut = written(rows[:1], period=(day, day)).partition("合计")[0]
    cut_off = await reconciled(api, maker, (await sent(api, maker, cut.encode("gb18030")))["uploadId"])
    assert (cut_off["reason"], cut_off["line"]) == ("CONTROL_ROW_MISSING", 2)


async def test_who_may_send_files(
    desk: tuple[Api, Server], network: Network, monkeypatch: pytest.MonkeyPatch, own_settings: GatewaySettings
) -> None:
    """Nobody without a token or a scope; nothing that is too long, said or unsaid, is kept."""
    api, server = desk
    monkeypatch.setattr(gateway.files, "UPLOAD_BYTES_MAX", 100)
    reader = server.tokens.brand(network.brand_id("airline"), frozenset({Scope.STATEMENTS_READ}))
    maker = server.tokens.staff("lin.wei", Role.MAKER)

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x" * 50

    async def send(token: str | None, body: object) -> tuple[int, str]:
        answer = await api.send("POST", "/files/uploads", token=token, data=body)
        return answer.status, answer.body["error"]["code"]

    assert await send(None, b"x") == (401, "UNAUTHENTICATED")
    assert await send("nonsense", b"x") == (401, "UNAUTHENTICATED")
    assert await send(reader, b"x") == (403, "FORBIDDEN")
    assert await send(maker, b"x" * 101) == (413, "TOO_LARGE")
    assert await send(maker, parts()) == (413, "TOO_LARGE")
    assert list((own_settings.core.home / "uploads").iterdir()) == []


async def test_statements_are_fetched_by_whom_they_are_for(
    desk: tuple[Api, Server], network: Network, own_settings: GatewaySettings
) -> None:
    """In all formats, with the digest that was advised; written again where a file is gone; nothing of others."""
    api, server = desk
    ann = await network.enrol({"HOTEL": 90_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    window = await to_approved(network.database)
    hotel, airline = (
        server.tokens.brand(network.brand_id(code), frozenset({Scope.STATEMENTS_READ})) for code in ("hotel", "airline")
    )
    checker = server.tokens.staff("chen.yu", Role.CHECKER)
    path = f"/files/statements/{window.number}/hotel.csv"
    assert (await api.send("GET", path, token=hotel)).status == 404
    ((found, *_),) = [(await api.ask(WINDOWS, checker)).data["windows"][-1:]]
    await api.ask(ADVISE, checker, input={"windowId": found["id"]})
    files = (await api.ask(STATEMENT, hotel, window=found["id"])).data["statement"]["files"]
    assert [it["format"] for it in files] == ["CSV", "JSON", "XLSX", "PDF"]
    for it in files:
        answer = await fetched(server, it["path"], hotel)
        assert (hashlib.sha256(answer.content).hexdigest(), len(answer.content)) == (it["sha256"], int(it["sizeBytes"]))
        digest = b64encode(bytes.fromhex(it["sha256"])).decode()
        assert answer.headers["Repr-Digest"] == f"sha-256=:{digest}:"
    (own_settings.core.home / "statements" / "window-000001" / "hotel.csv").unlink()
    again = await fetched(server, path, checker)
    assert hashlib.sha256(again.content).hexdigest() == files[0]["sha256"]
    for other in (airline, None):
        assert (await api.send("GET", path, token=other)).status in {401, 404}
    for nothing in ("hotel.exe", "nobody.csv", "..%2fhotel.csv"):
        assert (await api.send("GET", f"/files/statements/1/{nothing}", token=checker)).status == 404
    assert (await api.send("GET", "/files/statements/99/hotel.csv", token=hotel)).status == 404


@pytest.mark.parametrize(("form", "begins"), [("csv", b"\xef\xbb\xbf"), ("beancount", b"")])
async def test_the_journal_is_finances(
    desk: tuple[Api, Server], network: Network, own_settings: GatewaySettings, form: str, begins: bytes
) -> None:
    """With its digest, and nothing of it stays behind; brands see none of it; days that are none are refused."""
    api, server = desk
    ann = await network.enrol({"HOTEL": 90_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    auditor = server.tokens.staff("wu.min", Role.AUDITOR)
    answer = await fetched(server, f"/files/journal.{form}?byDay=true", auditor)
    assert answer.content.startswith(begins)
    assert b"MILES" in answer.content
    assert answer.headers["ETag"] == f'"{hashlib.sha256(answer.content).hexdigest()}"'
    brand = server.tokens.brand(network.brand_id("hotel"), frozenset({Scope.STATEMENTS_READ}))
    assert (await api.send("GET", f"/files/journal.{form}", token=brand)).status == 403
    assert (await api.send("GET", "/files/journal.xlsx", token=auditor)).status == 404
    for wrong in (
        "firstDay=tomorrow",
        "timeZone=Mars/Olympus",
        "byDay=perhaps",
        "firstDay=2026-02-01&lastDay=2026-01-31",
    ):
        assert (await api.send("GET", f"/files/journal.{form}?{wrong}", token=auditor)).status == 400
    assert list((own_settings.core.home / "downloads").iterdir()) == []


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("a.csv", "a.csv"),
        ("../../x", "x"),
        (r"c:\y", "y"),
        (".upload.json", "upload.json"),
        ("", "file"),
        ("\0", "file"),
    ],
)
def test_names_lead_nowhere(given: str, name: str) -> None:
    """Whatever a client calls its file, it lies in its own folder."""
    assert file_name(given) == name
