"""Access tokens: what is accepted, and what is not, by whichever trick."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from core.clock import SettableClock
from gateway.oauth.access import ACCESS_SECONDS, CACHED_MAX, AccessTokens
from gateway.oauth.keys import SigningKeys
from schema.errors import Unauthenticated
from schema.viewer import Viewer, ViewerKind

ANN = Viewer(ViewerKind.MEMBER, "0190-ann", "agio-wallet", frozenset({"wallet:read"}))


@pytest.fixture
def keys(tmp_path: Path) -> SigningKeys:
    return SigningKeys(tmp_path / "keys")


@pytest.fixture
def tokens(keys: SigningKeys, clock: SettableClock) -> AccessTokens:
    return AccessTokens(keys, clock, "https://agio.example")


def reason(tokens: AccessTokens, token: str) -> str:
    with pytest.raises(Unauthenticated) as raised:
        tokens.verify(token)
    assert raised.value.extensions is not None
    return str(raised.value.extensions["reason"])


def forged(
    keys: SigningKeys, tokens: AccessTokens, header: dict[str, Any], claims: dict[str, Any], key: Any = None
) -> str:
    real = jwt.decode(tokens.issue(ANN), keys.signing(), algorithms=["RS256"])
    changed = {name: value for name, value in {**real.claims, **claims}.items() if value is not None}
    return jwt.encode({**real.header, **header}, changed, key or _willing(keys), algorithms=["RS256", "HS256", "PS256"])


def _willing(keys: SigningKeys) -> RSAKey:
    """The signing key, without the note that it is for RS256 only."""
    return RSAKey.import_key(keys.signing().as_pem(private=True))


def test_a_token_says_who_it_speaks_for(tokens: AccessTokens) -> None:
    assert tokens.verify(tokens.issue(ANN)) == ANN


def test_a_token_expires_to_the_second_also_when_it_was_seen_before(tokens: AccessTokens, clock: SettableClock) -> None:
    token = tokens.issue(ANN)
    clock.advance(timedelta(seconds=ACCESS_SECONDS - 1))
    assert tokens.verify(token) == ANN
    clock.advance(timedelta(seconds=1))
    assert reason(tokens, token) == "expired"
    assert reason(tokens, token) == "expired"


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ({"typ": "JWT"}, {}),
        ({"kid": "another"}, {}),
        ({"alg": "PS256"}, {}),
        ({}, {"iss": None}),
        ({}, {"aud": "elsewhere"}),
        ({}, {"aud": ["agio", "elsewhere"]}),
        ({}, {"kind": "anonymous-admin"}),
        ({}, {"kind": None}),
        ({}, {"exp": None}),
        ({}, {"exp": "soon"}),
        ({}, {"sub": None}),
        ({}, {"scope": None}),
        ({}, {"scope": 7}),
    ],
)
def test_a_token_of_another_make_is_refused(
    keys: SigningKeys, tokens: AccessTokens, header: dict[str, Any], claims: dict[str, Any]
) -> None:
    assert reason(tokens, forged(keys, tokens, header, claims)) == "invalid"


def test_a_token_for_another_address_is_refused_and_says_so(keys: SigningKeys, tokens: AccessTokens) -> None:
    """It is one of ours, made with another AGIO_PUBLIC_URL or AGIO_PORT; to anybody else's nothing is told."""
    assert reason(tokens, forged(keys, tokens, {}, {"iss": "https://elsewhere.example"})) == "issuer"
    stranger = forged(keys, tokens, {}, {"iss": "https://elsewhere.example"}, RSAKey.generate_key(2048))
    assert reason(tokens, stranger) == "invalid"


def test_a_token_signed_by_somebody_else_is_refused(keys: SigningKeys, tokens: AccessTokens) -> None:
    assert reason(tokens, forged(keys, tokens, {}, {}, RSAKey.generate_key(2048))) == "invalid"


def test_the_public_key_is_not_taken_for_a_shared_secret(keys: SigningKeys, tokens: AccessTokens) -> None:
    shared = OctKey.import_key(keys.signing().as_pem(private=False).replace(b"-----", b"-- --"))
    assert reason(tokens, forged(keys, tokens, {"alg": "HS256"}, {}, shared)) == "invalid"


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "é.b.c", "....", "eyJhbGciOiJub25lIn0.e30.", "x" * 5_000])
def test_what_is_not_a_token_is_refused(tokens: AccessTokens, text: str) -> None:
    assert reason(tokens, text) == "invalid"


def test_a_token_with_a_changed_letter_is_refused(tokens: AccessTokens) -> None:
    head, payload, signature = tokens.issue(ANN).split(".")
    assert reason(tokens, f"{head}.{payload[:-2]}AA.{signature}") == "invalid"
    assert reason(tokens, f"{head}.{payload}.{signature[:-6]}AAAAAA") == "invalid"


def test_tokens_outlive_a_rotation_of_keys(keys: SigningKeys, tokens: AccessTokens) -> None:
    before = tokens.issue(ANN)
    keys.rotate()
    assert tokens.verify(before) == tokens.verify(tokens.issue(ANN)) == ANN


def test_the_memory_for_verified_tokens_is_bounded(tokens: AccessTokens, monkeypatch: pytest.MonkeyPatch) -> None:
    assert CACHED_MAX == 10_000
    monkeypatch.setattr("gateway.oauth.access.CACHED_MAX", 3)
    for _ in range(5):
        tokens.verify(tokens.issue(ANN))
    assert len(tokens._verified) == 3
