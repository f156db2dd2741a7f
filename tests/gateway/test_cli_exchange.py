"""`agio exchange`: looked at, and taken back by two persons; the worker calls brands when it is told to, once."""

import asyncio
from uuid import UUID

import pytest

from core.database import Database
from core.global_ids import global_id
from exchange import Acceptance, Exchange, QuoteRequest, accept, quote
from exchange.offers import Quote
from exchange.saga.errands import Role, reference_of
from tests.exchange.saga.stage import FERRY, RAIL
from tests.gateway.shell import Shell
from tests.network import AIRLINE, HOTEL, Network, load_network


async def _made(url: str, source: str, target: str) -> UUID:
    database = await Database.connect(url)
    try:
        network: Network = await load_network(database, (HOTEL, AIRLINE, RAIL, FERRY))
        ann = await network.enrol({"HOTEL": 5_000, "MILES": 0, "RAIL": 0, "FERRY": 0})
        offer = await quote(database, QuoteRequest(ann.id, source, target, 3_000))
        assert isinstance(offer, Quote), offer
        made = await accept(database, Acceptance(offer.id, ann.id, "the key"))
        assert isinstance(made, Exchange), made
        return made.id
    finally:
        await database.close()


def test_two_persons_take_an_exchange_back(agio: Shell, database_url: str) -> None:
    """List, show, propose, approve: each prints JSON that the next one needs."""
    exchange_id = asyncio.run(_made(database_url, "HOTEL", "MILES"))
    (line,) = agio("exchange", "list", "--json").json
    assert (line["id"], line["state"], line["target"]) == (str(exchange_id), "COMPLETED", "1980 MILES")
    proposed = agio("exchange", "reverse", exchange_id, "--as=lin.wei", "--reason=a mistake", "--taken=980", "--json")
    (reversal,) = proposed.json
    assert (reversal["state"], reversal["taken"]) == ("PROPOSED", "980")
    approval = ("exchange", "approve-reversal", reversal["id"], f"--digest={reversal['digest']}", "--reason=checked")
    alone = agio(*approval, "--as=lin.wei")
    assert (alone.code, alone.err) == (1, "Whoever proposed it cannot approve it.\n")
    assert agio(*approval, "--as=chen.yu", "--json").json[0]["state"] == "DONE"
    shown = agio("exchange", "show", exchange_id, "--json").json
    assert [step["state"] for step in shown["life"]] == ["COMPLETED", "PARTLY_REVERSED"]
    assert agio("exchange", "cases", "--json").json == []


def test_a_brand_that_cannot_be_reached(agio: Shell, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker has tried: the exchange waits with its next look, and the member is told so."""
    monkeypatch.setenv("AGIO_BRAND_FERRY_API_KEY", "a key")
    monkeypatch.setenv("AGIO_BRAND_FERRY_URL", "http://127.0.0.1:9")
    exchange_id = asyncio.run(_made(database_url, "HOTEL", "FERRY"))
    assert agio("exchange", "show", exchange_id, "--json").json["state"] == "HELD"
    assert agio("worker", "--once", "--json").code == 0
    shown = agio("exchange", "show", exchange_id, "--json").json
    assert shown["state"] == "TARGET_CREDITING"
    assert [(call["what"], call["answer"], call["failure"]) for call in shown["calls"]] == [
        ("send credit", "FAILED", "not_sent")
    ]
    assert shown["next_look_at"] is not None


def test_nobody_knows_it(agio: Shell, database_url: str) -> None:
    """An id of nothing is refused in one sentence."""
    asyncio.run(_made(database_url, "HOTEL", "MILES"))
    ran = agio("exchange", "show", "0190a000-0000-7000-8000-000000000000")
    assert (ran.code, ran.err) == (1, "There is no such exchange.\n")


def test_an_exchange_has_every_name_that_people_are_shown(agio: Shell, database_url: str) -> None:
    """Its id with or without dashes, the graph's and webhooks' id, and the reference that brands are sent."""
    key = asyncio.run(_made(database_url, "HOTEL", "MILES"))
    names = (str(key), key.hex.upper(), global_id("Exchange", key), reference_of(key, Role.TAKE_BACK, 2).text)
    for name in names:
        assert agio("exchange", "show", name, "--json").json["id"] == str(key)
    for wrong in ("7", global_id("Movement", key), f"{key.hex}-x", ""):
        ran = agio("exchange", "show", wrong)
        assert ran.code == 2
        said = " ".join(ran.err.replace("│", " ").split())
        assert (
            "give an id of `agio exchange list`, of the graph or a webhook, or a reference that a brand was sent"
            in said
        )
    proposed = agio("exchange", "reverse", names[2], "--as=lin.wei", "--reason=a mistake", "--json")
    assert proposed.json[0]["state"] == "PROPOSED"
