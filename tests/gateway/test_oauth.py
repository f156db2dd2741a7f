"""POST /oauth/token, and what can be learnt about it."""

from base64 import b64encode
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from adapters.simulator.sign_in import SignInSimulator
from brands.clients import rotate_secret
from core.database import Database
from gateway.oauth.sessions import WALLET_CLIENT_ID
from tests.network import Network
from tests.server import SIGN_IN, Answer, Api

TILL = "coffee-till"

pytestmark = pytest.mark.usefixtures("network")


@pytest.fixture
async def secret(database: Database) -> str:
    found = await rotate_secret(database, TILL)
    assert found is not None
    return found


@pytest.fixture
async def opened(api: Api, wechat: SignInSimulator) -> dict[str, Any]:
    """A member's session."""
    found: dict[str, Any] = (await api.ask(SIGN_IN, code=wechat.tap("13800010042").code)).data["signIn"]
    return found


async def token(api: Api, *, basic: tuple[str, str] | None = None, **form: str) -> Answer:
    headers = {"Authorization": "Basic " + b64encode(":".join(basic).encode()).decode()} if basic else {}
    return await api.send("POST", "/oauth/token", data=form, headers=headers)


async def test_a_brands_machine_gets_a_token_with_its_scopes(api: Api, secret: str) -> None:
    answer = await token(api, basic=(TILL, secret), grant_type="client_credentials")
    assert answer.status == 200
    assert {**answer.body, "access_token": ""} == {
        "token_type": "Bearer",
        "access_token": "",
        "expires_in": 600,
        "scope": "awards:write members:read rights:read rights:redeem",
    }
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")


async def test_the_secret_may_stand_in_the_form(api: Api, secret: str) -> None:
    answer = await token(api, grant_type="client_credentials", client_id=TILL, client_secret=secret)
    assert answer.status == 200


async def test_the_token_is_verified_with_the_published_keys(api: Api, secret: str, network: Network) -> None:
    answer = await token(api, basic=(TILL, secret), grant_type="client_credentials", scope="awards:write")
    published = (await api.send("GET", "/.well-known/jwks.json")).body
    claims = jwt.decode(answer.body["access_token"], KeySet.import_key_set(published), algorithms=["RS256"]).claims
    wanted = {"iss": "http://agio.test", "aud": "agio", "kind": "brand", "client_id": TILL, "scope": "awards:write"}
    assert {name: claims[name] for name in wanted} == wanted
    assert claims["sub"] == str(network.brand_id("coffee-corner"))
    assert claims["exp"] - claims["iat"] == 600


async def test_fewer_scopes_can_be_asked_for_and_not_more(api: Api, secret: str) -> None:
    fewer = await token(api, basic=(TILL, secret), grant_type="client_credentials", scope="rights:redeem")
    more = await token(
        api, basic=(TILL, secret), grant_type="client_credentials", scope="rights:redeem statements:read"
    )
    assert (fewer.body["scope"], more.status, more.body["error"]) == ("rights:redeem", 400, "invalid_scope")


@pytest.mark.parametrize(
    ("basic", "form", "status", "error"),
    [
        ((TILL, "wrong"), {}, 401, "invalid_client"),
        ((TILL, ""), {}, 401, "invalid_client"),
        (("nobody", "x"), {}, 401, "invalid_client"),
        ((WALLET_CLIENT_ID, ""), {}, 401, "invalid_client"),
        (None, {}, 401, "invalid_client"),
        (None, {"client_id": TILL}, 401, "invalid_client"),
        (None, {"client_id": TILL, "client_secret": "wrong"}, 401, "invalid_client"),
        ((TILL, "wrong"), {"grant_type": "password"}, 400, "unsupported_grant_type"),
        ((TILL, "wrong"), {"grant_type": ""}, 400, "unsupported_grant_type"),
        ((TILL, "wrong"), {"grant_type": "authorization_code"}, 400, "unsupported_grant_type"),
        ((TILL, "wrong"), {"grant_type": '"; drop'}, 400, "invalid_request"),
        ((TILL, "wrong"), {"grant_type": "日本"}, 400, "invalid_request"),
    ],
)
async def test_what_gets_no_token(
    api: Api, basic: tuple[str, str] | None, form: dict[str, str], status: int, error: str
) -> None:
    answer = await token(api, basic=basic, **{"grant_type": "client_credentials", **form})
    assert (answer.status, answer.body["error"], "access_token" in answer.body) == (status, error, False)
    assert answer.body["requestId"] == answer.headers["x-request-id"]
    assert "methods" not in answer.body.get("error_description", "")


async def test_a_new_secret_replaces_the_old_one(api: Api, secret: str, database: Database) -> None:
    new = await rotate_secret(database, TILL)
    assert new is not None
    assert (await token(api, basic=(TILL, secret), grant_type="client_credentials")).status == 401
    assert (await token(api, basic=(TILL, new), grant_type="client_credentials")).status == 200


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b'{"grant_type": "client_credentials"}', "application/json"),
        (b"grant_type=client_credentials&grant_type=client_credentials", "application/x-www-form-urlencoded"),
        (b"&".join(b"f%d=1" % n for n in range(30)), "application/x-www-form-urlencoded"),
        (b"grant_type", "application/x-www-form-urlencoded"),
        (b"\xff", "application/x-www-form-urlencoded"),
    ],
)
async def test_only_a_plain_form_is_read(api: Api, data: bytes, content_type: str) -> None:
    answer = await api.send("POST", "/oauth/token", data=data, headers={"Content-Type": content_type})
    assert (answer.status, answer.body["error"]) == (400, "invalid_request")


async def test_a_long_form_is_refused(api: Api) -> None:
    answer = await token(api, grant_type="x" * 10_000)
    assert (answer.status, answer.body["error"]["code"]) == (413, "TOO_LARGE")


async def test_a_members_session_is_carried_on(api: Api, opened: dict[str, Any]) -> None:
    answer = await token(
        api, grant_type="refresh_token", client_id=WALLET_CLIENT_ID, refresh_token=opened["refreshToken"]
    )
    assert (answer.status, answer.body["scope"]) == (200, "cards:write exchanges:write rights:write wallet:read")
    me = await api.ask("{ me { memberships { number } } }", answer.body["access_token"])
    assert me.data == {"me": {"memberships": []}}
    again = await token(
        api, grant_type="refresh_token", client_id=WALLET_CLIENT_ID, refresh_token=answer.body["refresh_token"]
    )
    assert again.status == 200


async def test_a_refresh_token_used_twice_ends_the_session(api: Api, opened: dict[str, Any]) -> None:
    form = {"grant_type": "refresh_token", "client_id": WALLET_CLIENT_ID, "refresh_token": opened["refreshToken"]}
    first, second = await token(api, **form), await token(api, **form)
    assert (first.status, second.status, second.body["error"]) == (200, 400, "invalid_grant")
    after = await token(api, **{**form, "refresh_token": first.body["refresh_token"]})
    assert (after.status, after.body["error"]) == (400, "invalid_grant")


async def test_a_lost_answer_is_given_again_for_the_same_key(api: Api, opened: dict[str, Any]) -> None:
    form = {"grant_type": "refresh_token", "client_id": WALLET_CLIENT_ID, "refresh_token": opened["refreshToken"]}
    answers = [await token(api, **form, idempotency_key="retry") for _ in range(2)]
    assert len({answer.body["refresh_token"] for answer in answers}) == 1


async def test_another_client_cannot_trade_a_members_token_in(api: Api, secret: str, opened: dict[str, Any]) -> None:
    """And the attempt does not end the member's session."""
    form = {"grant_type": "refresh_token", "refresh_token": opened["refreshToken"]}
    for attempt in (
        await token(api, basic=(TILL, secret), **form),
        await token(api, **form),
        await token(api, client_id="nobody", **form),
    ):
        assert (attempt.status, attempt.body["error"]) in {
            (400, "invalid_client"),
            (401, "invalid_client"),
            (400, "unauthorized_client"),
        }
    assert (await token(api, client_id=WALLET_CLIENT_ID, **form)).status == 200


async def test_discovery_says_where_things_are(api: Api) -> None:
    found = (await api.send("GET", "/.well-known/openid-configuration")).body
    assert (found["issuer"], found["token_endpoint"], found["jwks_uri"]) == (
        "http://agio.test",
        "http://agio.test/oauth/token",
        "http://agio.test/.well-known/jwks.json",
    )
    assert {"wallet:read", "awards:write", "settlement:approve"} <= set(found["scopes_supported"])
