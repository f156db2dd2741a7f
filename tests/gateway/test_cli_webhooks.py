"""`agio webhooks`: endpoints, secrets, deliveries, replays."""

from pathlib import Path

import pytest

from tests.gateway.shell import Shell
from tests.network import AIRLINE


@pytest.fixture
def airline(agio: Shell, tmp_path: Path) -> None:
    """The airline is configured."""
    network = tmp_path / "airline.toml"
    network.write_text(AIRLINE)
    assert agio("brand", "apply", network).code == 0


@pytest.mark.usefixtures("airline")
def test_the_life_of_an_endpoint(agio: Shell) -> None:
    """Added, listed, rotated, tested, looked at, replayed to, switched off and on, and removed."""
    added = agio(
        "webhooks", "add", "airline", "https://crm.example.com/agio", "--type", "award.recorded", "--json"
    ).json
    assert added["secret"].startswith("whsec_")
    (listed,) = agio("webhooks", "list", "airline", "--json").json
    assert (listed["id"], listed["brand"], listed["types"], listed["state"]) == (
        added["id"],
        "airline",
        "award.recorded",
        "in use",
    )
    rotated = agio("webhooks", "rotate", added["id"], "--json").json
    assert rotated["secret"] not in {None, added["secret"]}
    (event,) = agio("webhooks", "test", added["id"], "--json").json
    (delivery,) = agio("webhooks", "deliveries", added["id"], "--json").json
    assert (delivery["event_id"], delivery["type"], delivery["state"]) == (event["event"], "webhook.test", "PENDING")
    replayed = agio("webhooks", "replay", added["id"], "--event", event["event"], "--json").json
    assert (replayed["count"], replayed["complete"]) == (0, True)
    assert "switched off" in agio("webhooks", "disable", added["id"], "--json").json[0]["state"]
    assert agio("webhooks", "enable", added["id"], "--json").json[0]["state"] == "in use"
    assert agio("webhooks", "remove", added["id"]).code == 0
    assert agio("webhooks", "list").out.strip() == "No endpoints."


@pytest.mark.usefixtures("airline")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "airline", "http://crm.example.com/"), "must begin with https"),
        (("add", "airline", "https://127.0.0.1/"), "private network"),
        (("add", "airline", "https://crm.example.com/", "--type", "no.such"), "no such type"),
        (("rotate", "01900000-0000-7000-8000-000000000000"), "no such endpoint"),
        (("deliveries", "01900000-0000-7000-8000-000000000000"), "no such endpoint"),
        (("replay", "01900000-0000-7000-8000-000000000000"), "range"),
    ],
)
def test_what_is_refused_ends_with_1(agio: Shell, arguments: tuple[str, ...], said: str) -> None:
    ran = agio("webhooks", *arguments)
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err


@pytest.mark.usefixtures("airline")
def test_a_brand_that_nobody_knows_ends_with_2(agio: Shell) -> None:
    assert agio("webhooks", "list", "nowhere").code == 2
