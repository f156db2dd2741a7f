"""Everything with an id can be asked for again by it, by those who may see it."""

import pytest

from core.ids import new_id
from schema.errors import BadInput
from schema.ids import global_id, key_of, parse_global_id
from schema.scopes import Role
from tests.network import Network, Person
from tests.schema.test_exchanges import accepted, quoted
from tests.schema.test_rights import claimed
from tests.server import Answer, Api, Server

NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"


@pytest.fixture
async def ann(network: Network) -> Person:
    return await network.enrol({"HOTEL": 8_000, "MILES": 0})


async def node(api: Api, found: str, token: str | None = None) -> Answer:
    return await api.ask(NODE, token, id=found)


async def test_what_is_open_is_found_by_anybody(api: Api, network: Network) -> None:
    right = network.directory.right("lounge")
    assert right is not None
    for name, key in (
        ("Brand", network.brand_id("hotel-lake")),
        ("Program", network.program("BEANS").id),
        ("Right", right.id),
    ):
        found = global_id(name, key)
        assert (await node(api, found)).data == {"node": {"__typename": name, "id": found}}


async def test_what_is_a_members_own_is_found_by_the_member_alone(
    api: Api, server: Server, network: Network, ann: Person
) -> None:
    bob = server.tokens.member((await network.enrol({"HOTEL": 0})).id)
    own = server.tokens.member(ann.id)
    ids = [
        global_id("Member", ann.id),
        global_id("Membership", ann.cards["HOTEL"].id),
        (await accepted(api, own, await quoted(api, own)))["id"],
        (await claimed(api, own))["id"],
    ]
    for found in ids:
        assert (await node(api, found, own)).data["node"]["id"] == found
        assert (await node(api, found)).code == "UNAUTHENTICATED"
        auditor = await node(api, found, server.tokens.staff("lin.wei", Role.AUDITOR))
        # Staff look into exchanges, and into nothing else of a member's own.
        assert auditor.data["node"]["id"] == found if found == ids[2] else auditor.code == "FORBIDDEN"
        assert (await node(api, found, bob)).code in {"FORBIDDEN", "NOT_FOUND"}


async def test_a_window_is_found_by_staff(api: Api, server: Server) -> None:
    auditor = server.tokens.staff("zhao", Role.AUDITOR)
    (window,) = (await api.ask("{ windows { id } }", auditor)).data["windows"]
    assert (await node(api, window["id"], auditor)).data["node"]["__typename"] == "Window"
    assert (await node(api, global_id("Window", new_id()), auditor)).code == "NOT_FOUND"


@pytest.mark.parametrize("name", ["Brand", "Program", "Right"])
async def test_what_does_not_exist_is_null(api: Api, name: str) -> None:
    assert (await node(api, global_id(name, new_id()))).data == {"node": None}


async def test_a_type_that_has_no_ids_is_not_found(api: Api) -> None:
    assert (await node(api, global_id("Pong", new_id()))).code == "NOT_FOUND"


@pytest.mark.parametrize("text", ["", "x", "====", "é", "QnJhbmQ6", "QnJhbmQ6eA==", "A" * 100_000])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(BadInput) as raised:
        parse_global_id(text)
    assert raised.value.extensions is not None
    assert len(str(raised.value.extensions["id"])) <= 80


def test_an_id_is_of_one_type() -> None:
    key = new_id()
    assert key_of("Brand", global_id("Brand", key)) == key
    with pytest.raises(BadInput, match="the id of a Brand, not of a Program"):
        key_of("Program", global_id("Brand", key))
