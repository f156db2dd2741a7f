"""Cards whose points live in brands' own systems: added by number, shown with what the brand says, taken out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import brands
from adapters.simulator.books import Member
from adapters.simulator.brand import BrandSimulator
from adapters.simulator.faults import Fault, FaultKind
from adapters.simulator.terms import Terms
from brands import load_network_files
from core.database import Database
from core.secrets import root_secret
from gateway.settings import GatewaySettings
from members import Member as Person
from members import MemberKeys, SignInIdentity, sign_in
from tests.brands.samples import CAFE, EXAMPLES, read
from tests.server import Api, Server, serving

LINK = """mutation ($program: String!, $number: String!, $name: String) {
  linkCard(input: {program: $program, number: $number, name: $name}) {
    __typename
    ... on Membership { id number balance spendable tier { code } program { code } brandBalance { __typename } }
    ... on CardRefused { trouble memberCanFix retryAfterSeconds }
  }
}"""
UNLINK = "mutation ($id: ID!) { unlinkCard(id: $id) { __typename ... on CardRefused { trouble } } }"
WALLET = """{ me { memberships { id number balance brandBalance {
    __typename
    ... on BrandBalance { amount asOf askedAt }
    ... on BalanceUnavailable { message trouble lastKnown { amount } }
} } } }"""


@dataclass(frozen=True, slots=True)
class Rail:
    """A wallet's server, a railway that is played, and two people."""

    simulator: BrandSimulator
    server: Server
    api: Api
    ann: str
    ben: str

    async def link(self, token: str, number: str, name: str | None = None, program: str = "HARBOUR") -> Any:
        """What becomes of adding a card."""
        return (await self.api.ask(LINK, token, program=program, number=number, name=name)).data["linkCard"]

    async def cards(self, token: str) -> Any:
        """The wallet."""
        return (await self.api.ask(WALLET, token)).data["me"]["memberships"]


@asynccontextmanager
async def played(settings: GatewaySettings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rail]:
    """Everything that is needed."""
    assert settings.core.database_url
    database = await Database.connect(settings.core.database_url, pool_size_max=2)
    configs = load_network_files([EXAMPLES / f"{name}.toml" for name in ("harbour", "jade")])
    assert isinstance(configs, list)
    assert isinstance(await brands.apply_all(database, [*configs, read(CAFE)]), brands.Applied)
    keys = MemberKeys.from_root(root_secret(settings.core.home))
    people = [await sign_in(database, keys, SignInIdentity("wechat", "app", f"open-{n}")) for n in range(2)]
    await database.close()
    simulator = BrandSimulator(Terms(program="HARBOUR", key="rail-key"))
    simulator.open_members(
        Member(number="1001", balance=700, tier="gold", last_name="Ann"), Member(number="1002", blocked=True)
    )
    monkeypatch.setenv("AGIO_BRAND_HARBOUR_API_KEY", "rail-key")
    async with simulator.serving() as url:
        monkeypatch.setenv("AGIO_BRAND_HARBOUR_URL", url)
        with serving(settings) as server:
            async with Api.of(server) as api:
                tokens = [server.tokens.member(person.id) for person in people if isinstance(person, Person)]
                yield Rail(simulator, server, api, *tokens)


@pytest.fixture
async def rail(own_settings: GatewaySettings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rail]:
    async with played(own_settings, monkeypatch) as found:
        yield found


async def test_a_card_is_added_shown_and_taken_out(rail: Rail, tmp_path: Path) -> None:
    """The brand confirms number and name; its tier and its balance are shown; afterwards the wallet is empty."""
    del tmp_path
    added = await rail.link(rail.ann, "1001", "Ann")
    assert (added["__typename"], added["number"], added["tier"]) == ("Membership", "1001", {"code": "gold"})
    assert (added["balance"], added["spendable"]) == (None, None)
    assert added["brandBalance"] == {"__typename": "BrandBalance"}
    assert (await rail.link(rail.ann, "1001", "Ann"))["id"] == added["id"]
    (card,) = await rail.cards(rail.ann)
    assert (card["id"], card["brandBalance"]["amount"]) == (added["id"], "700")
    assert (await rail.api.ask(UNLINK, rail.ann, id=added["id"])).data["unlinkCard"] == {"__typename": "CardUnlinked"}
    assert await rail.cards(rail.ann) == []
    again = (await rail.api.ask(UNLINK, rail.ann, id=added["id"])).data["unlinkCard"]
    assert again == {"__typename": "CardRefused", "trouble": "NO_SUCH_CARD"}


async def test_cards_that_are_refused(rail: Rail) -> None:
    """Each for its own reason, and none of them comes into a wallet."""
    asked = [
        (await rail.link(rail.ben, number, name, program))["trouble"]
        for number, name, program in [
            ("404", None, "HARBOUR"),
            ("1001", "Bob", "HARBOUR"),
            ("1002", None, "HARBOUR"),
            ("", None, "HARBOUR"),
            ("1" * 81, None, "HARBOUR"),
            ("1001", None, "CAFE"),
            ("1001", None, "JADE"),
        ]
    ]
    assert asked == [
        "NO_SUCH_CARD",
        "NAME_MISMATCH",
        "NOT_SERVED",
        "NO_SUCH_CARD",
        "NO_SUCH_CARD",
        "NOT_BY_NUMBER",
        "NOT_BY_NUMBER",
    ]
    unknown = await rail.link(rail.ben, "1", None, "NOWHERE")
    assert unknown == {"__typename": "UnknownProgram"}
    assert await rail.cards(rail.ben) == []


async def test_a_card_in_another_wallet(rail: Rail) -> None:
    """Knowing number and name is not enough."""
    assert (await rail.link(rail.ann, "1001", "Ann"))["__typename"] == "Membership"
    assert (await rail.link(rail.ben, "1001", "Ann"))["trouble"] == "TAKEN"
    assert len(await rail.cards(rail.ann)) == 1


async def test_a_brand_that_does_not_answer(rail: Rail) -> None:
    """Its own part of the wallet says so, with a type of its own; the rest of the answer stands."""
    added = await rail.link(rail.ann, "1001", "Ann")
    rail.simulator.faults.set((Fault(kind=FaultKind.MAINTENANCE),))
    refused = await rail.link(rail.ben, "1001", "Ann")
    assert (refused["trouble"], refused["memberCanFix"]) == ("NO_ANSWER", False)
    rail.simulator.faults.set(())
    (card,) = await rail.cards(rail.ann)
    assert (card["id"], card["brandBalance"]["__typename"]) == (added["id"], "BrandBalance")


async def test_a_balance_that_cannot_be_told(own_settings: GatewaySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The typed error stands beside the card; no error is among the answer's errors."""
    async with played(own_settings, monkeypatch) as rail:
        rail.simulator.faults.set(())
        linked = 'mutation { linkCard(input: {program: "HARBOUR", number: "1001"}) { __typename } }'
        assert (await rail.api.ask(linked, rail.ann)).data["linkCard"]["__typename"] == "Membership"
        rail.simulator.faults.set((Fault(kind=FaultKind.ERROR_BEFORE),))
        (card,) = await rail.cards(rail.ann)
        assert card["number"] == "1001"
        assert card["brandBalance"] == {
            "__typename": "BalanceUnavailable",
            "message": "The brand does not answer now.",
            "trouble": "NO_ANSWER",
            "lastKnown": None,
        }
