"""What brands tell by webhook: only what they signed, and never more than a reason to ask."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import brands
from brands import load_network_file
from core.clock import SettableClock
from core.database import Connection, Database
from core.secrets import root_secret
from members import Card, MemberKeys, Membership, SignInIdentity, link_card, sign_in
from members import Member as Person
from tests.brands.samples import EXAMPLES
from tests.server import Answer, Api, demo_settings, serving

KEY = base64.b64encode(b"a key of the railway's own").decode()
NOW = datetime(2026, 1, 15, 4, tzinfo=UTC)


@pytest.fixture
async def api(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Api]:
    config = load_network_file(EXAMPLES / "harbour.toml")
    assert isinstance(config, brands.BrandConfig)
    assert isinstance(await brands.apply(database, config), brands.Applied)
    monkeypatch.setenv("AGIO_BRAND_HARBOUR_WEBHOOK", f"whsec_{KEY}")
    with serving(demo_settings(database_url, tmp_path), SettableClock(NOW)) as server:
        async with Api.of(server) as client:
            yield client


async def tell(api: Api, event: Any, *, key: str = KEY, at: datetime = NOW, program: str = "HARBOUR") -> Answer:
    """What the brand's server sends."""
    body, stamp = json.dumps(event), str(int(at.timestamp()))
    signed = hmac.digest(base64.b64decode(key), f"evt-1.{stamp}.{body}".encode(), hashlib.sha256)
    headers = {
        "webhook-id": "evt-1",
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }
    return await api.send("POST", f"/brands/{program}/events", data=body, headers=headers)


async def test_a_tier_that_changed(api: Api, database: Database, superuser: Connection, tmp_path: Path) -> None:
    """The card follows; again, with an unknown tier or for an unknown card, nothing more changes."""
    keys = MemberKeys.from_root(root_secret(tmp_path))
    ann = await sign_in(database, keys, SignInIdentity("wechat", "app", "open-1"))
    async with database.connection() as connection:
        program = (await brands.directory(connection)).program("HARBOUR")
    assert isinstance(ann, Person)
    assert program
    assert isinstance(await link_card(database, keys, ann.id, Card(program, "1001", "blue")), Membership)
    for number, tier in [("1001", "gold"), ("1001", "gold"), ("1001", "diamond"), ("404", "gold")]:
        event = {"type": "member.tier_changed", "data": {"memberId": number, "membershipLevel": tier}}
        assert (await tell(api, event)).status == 204
    assert await superuser.fetchval("SELECT tier FROM members_membership") == "gold"


async def test_who_may_tell(api: Api) -> None:
    """Another key, an old time-stamp, no signature, no such program, a program without webhooks, nonsense."""
    event = {"data": {"reference": "r", "status": "success"}}
    assert (await tell(api, event)).status == 204
    assert (await tell(api, event, key=base64.b64encode(b"other").decode())).status == 401
    assert (await tell(api, event, at=datetime(2026, 1, 15, 3, 54, 59, tzinfo=UTC))).status == 401
    assert (await api.send("POST", "/brands/HARBOUR/events", data="{}")).status == 401
    assert (await tell(api, event, program="NOWHERE")).status == 404
    assert (await api.send("GET", "/brands/HARBOUR/events")).status == 405
    assert (await api.send("POST", "/brands/HARBOUR/events", data="x" * 300_000)).status == 413
