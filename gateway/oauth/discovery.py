"""What a client can learn about this OAuth2 server without asking a person."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from brands import Scope as BrandScope
from gateway.answers import json_response
from gateway.oauth.keys import SigningKeys
from schema.scopes import Scope


class Discovery:
    """The documents under `/.well-known/`."""

    def __init__(self, issuer: str, keys: SigningKeys) -> None:
        self._document = _document(issuer)
        self._keys = keys

    async def configuration(self, request: Request) -> Response:
        """Where things are and what they understand (RFC 8414, under OpenID Connect's name)."""
        del request
        return json_response(self._document)

    async def keys(self, request: Request) -> Response:
        """The public keys that verify access tokens."""
        del request
        return json_response(self._keys.public())


def _document(issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/oauth/token",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "grant_types_supported": ["client_credentials", "refresh_token"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "scopes_supported": sorted([*Scope, *BrandScope]),
    }
