"""Access tokens: signed statements of who may do what for a few minutes (RFC 9068)."""

from collections import OrderedDict
from typing import Any, Protocol

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import RSAKey

from core.clock import Clock
from core.ids import new_id
from gateway.oauth.keys import SigningKeys
from schema.errors import Unauthenticated
from schema.viewer import Viewer, ViewerKind

AUDIENCE = "agio"
ACCESS_SECONDS = 600
"""How long an access token lives; there is no other way to take one back."""
CACHED_MAX = 10_000
"""Verified tokens remembered per process, each at most until it expires."""
TOKEN_LENGTH_MAX = 4_096

_TYPE = "at+jwt"


class _Signed(Protocol):
    def headers(self) -> dict[str, Any]: ...


class AccessTokens:
    """Issues and verifies the access tokens of one issuer."""

    def __init__(self, keys: SigningKeys, clock: Clock, issuer: str) -> None:
        self._keys = keys
        self._clock = clock
        self._issuer = issuer
        self._verified: OrderedDict[str, tuple[Viewer, int]] = OrderedDict()

    def issue(self, viewer: Viewer, *, lifetime_seconds: int = ACCESS_SECONDS) -> str:
        """A token for `viewer`, usable from now."""
        now = int(self._clock.now().timestamp())
        key = self._keys.signing()
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": viewer.subject,
            "client_id": viewer.client_id,
            "kind": viewer.kind.value,
            "scope": " ".join(sorted(viewer.scopes)),
            "iat": now,
            "exp": now + lifetime_seconds,
            "jti": str(new_id()),
        }
        return jwt.encode({"alg": "RS256", "kid": key.kid, "typ": _TYPE}, claims, key, algorithms=["RS256"])

    def verify(self, token: str) -> Viewer:
        """Who the token speaks for. Raises Unauthenticated, with `reason` expired, issuer or invalid."""
        found = self._verified.get(token)
        if found is None:
            found = self._check(token)
            self._remember(token, found)
        viewer, expires_at = found
        if self._clock.now().timestamp() >= expires_at:
            self._verified.pop(token, None)
            raise Unauthenticated("The token has expired.", reason="expired")
        return viewer

    def seconds_left(self, token: str) -> float:
        """How long a token that was verified lives. Raises Unauthenticated."""
        self.verify(token)
        return self._verified[token][1] - self._clock.now().timestamp()

    def _remember(self, token: str, found: tuple[Viewer, int]) -> None:
        self._verified[token] = found
        if len(self._verified) > CACHED_MAX:
            self._verified.popitem(last=False)

    def _check(self, token: str) -> tuple[Viewer, int]:
        try:
            if len(token) > TOKEN_LENGTH_MAX:
                raise _invalid()
            read = jwt.decode(token, self._key_of, algorithms=["RS256"])
            return self._read(read.header, read.claims)
        except (JoseError, KeyError, ValueError, TypeError, AttributeError) as error:
            raise _invalid() from error

    def _key_of(self, signed: _Signed) -> RSAKey:
        key = self._keys.verifying(str(signed.headers().get("kid")))
        if key is None:
            raise InvalidKeyIdError
        return key

    def _read(self, header: dict[str, Any], claims: dict[str, Any]) -> tuple[Viewer, int]:
        if (header.get("typ"), claims["aud"]) != (_TYPE, AUDIENCE):
            raise _invalid()
        if claims["iss"] != self._issuer:
            raise Unauthenticated("The token was made for a gateway with another address.", reason="issuer")
        scopes = frozenset(claims["scope"].split())
        return Viewer(ViewerKind(claims["kind"]), str(claims["sub"]), claims["client_id"], scopes), int(claims["exp"])


def _invalid() -> Unauthenticated:
    return Unauthenticated("The token cannot be used.", reason="invalid")
