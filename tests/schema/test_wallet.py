"""The wallet: everything a member holds anywhere, in one query."""

from datetime import UTC, datetime

import pytest

from tests.network import Network
from tests.queries import noted_queries
from tests.server import Api, Server

WALLET = """{
  me {
    id
    memberships {
      id number status enrolledOn balance spendable
      program { code name brand { code } }
      tier { code level }
      expiresNext { amount on }
    }
    rights { usesLeft validUntil right { code name } }
  }
}"""

QUERIES = 7
"""For cards: memberships, the directory's version, balances, lots. For rights: memberships, grants. And the version."""


async def test_one_query_shows_everything(api: Api, server: Server, network: Network) -> None:
    """Balances with the program's own decimals, the tier on the common ladder, and what expires next."""
    ann = await network.enrol({"HOTEL": 3_000, "BEANS": 1_250}, expires_at=datetime(2099, 6, 30, 16, tzinfo=UTC))
    answer = await api.ask(WALLET, server.tokens.member(ann.id))
    beans, hotel = sorted(answer.data["me"]["memberships"], key=lambda found: found["program"]["code"])
    assert (beans["balance"], beans["spendable"]) == ("12.50", "12.50")
    assert hotel == {
        "id": hotel["id"],
        "number": ann.cards["HOTEL"].number,
        "status": "ACTIVE",
        "enrolledOn": "2025-06-01",
        "balance": "3000",
        "spendable": "3000",
        "program": {"code": "HOTEL", "name": "Hotel points", "brand": {"code": "hotel"}},
        "tier": {"code": "base", "level": 1},
        "expiresNext": {"amount": "3000", "on": "2099-06-30"},
    }
    assert answer.data["me"]["rights"] == []


async def test_points_that_expire_together_are_added_and_the_soonest_are_named(
    api: Api, server: Server, network: Network
) -> None:
    ann = await network.enrol({"HOTEL": 100}, expires_at=datetime(2098, 12, 31, 16, tzinfo=UTC))
    card = ann.cards["HOTEL"].id
    soon = datetime(2097, 3, 31, 16, tzinfo=UTC)
    for amount in (30, 12):
        await network.give([(card, "HOTEL", amount)], expires_at=soon)
    await network.give([(card, "HOTEL", 500)])
    answer = await api.ask(WALLET, server.tokens.member(ann.id))
    (hotel,) = answer.data["me"]["memberships"]
    assert (hotel["balance"], hotel["expiresNext"]) == ("642", {"amount": "42", "on": "2097-03-31"})


async def test_points_whose_last_day_has_passed_are_not_spendable(api: Api, server: Server, network: Network) -> None:
    ann = await network.enrol({"HOTEL": 70}, expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    await network.give([(ann.cards["HOTEL"].id, "HOTEL", 30)])
    answer = await api.ask(WALLET, server.tokens.member(ann.id))
    (hotel,) = answer.data["me"]["memberships"]
    assert (hotel["balance"], hotel["spendable"], hotel["expiresNext"]) == ("100", "30", None)


async def test_somebody_without_cards_has_an_empty_wallet(api: Api, server: Server, network: Network) -> None:
    ann = await network.enrol({"HOTEL": 0})
    stranger = ann.cards["HOTEL"].program_id
    answer = await api.ask(WALLET, server.tokens.member(stranger))
    assert answer.data["me"]["memberships"] == answer.data["me"]["rights"] == []


@pytest.mark.parametrize("cards", [("HOTEL",), ("HOTEL", "MILES", "BEANS")])
async def test_the_number_of_queries_does_not_grow_with_the_number_of_cards(
    api: Api, server: Server, network: Network, monkeypatch: pytest.MonkeyPatch, cards: tuple[str, ...]
) -> None:
    ann = await network.enrol(dict.fromkeys(cards, 1_000), expires_at=datetime(2099, 1, 1, tzinfo=UTC))
    token = server.tokens.member(ann.id)
    await api.ask(WALLET, token)
    with noted_queries(monkeypatch) as queries:
        await api.ask(WALLET, token)
    assert len(queries) == QUERIES, queries
