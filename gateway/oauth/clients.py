"""OAuth2 clients as Authlib wants to see them: brands' machines, and the members' front ends."""

import asyncio
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin, scope_to_list

from brands.clients import client as find_client
from brands.clients import verify_secret
from core.database import Database
from gateway.oauth.sessions import WALLET_CLIENT_ID
from schema.scopes import MEMBER_SCOPES


@dataclass(frozen=True, slots=True)
class KnownClient(ClientMixin):
    """A client that exists, with what is known about this one request's secret. Authlib's calls are synchronous."""

    client_id: str
    brand_id: str
    """Empty for the members' front ends, which are public and have no secret."""
    scopes: frozenset[str]
    secret_fits: bool

    def get_client_id(self) -> str:
        """The `client_id`."""
        return self.client_id

    def get_allowed_scope(self, scope: Any) -> str | None:
        """The scopes to grant: all of the client's own unless some are asked for; None refuses the request."""
        wanted = frozenset(scope_to_list(scope) or self.scopes)
        return " ".join(sorted(wanted)) if wanted <= self.scopes else None

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether this request's secret fits; checked before, outside the event loop."""
        del client_secret
        return self.secret_fits

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Whether the client may prove itself this way."""
        del endpoint
        return (method == "none") is (not self.brand_id)

    def check_grant_type(self, grant_type: str) -> bool:
        """Brands' machines speak for themselves; front ends carry sessions on."""
        return grant_type == ("client_credentials" if self.brand_id else "refresh_token")


_WALLET = KnownClient(WALLET_CLIENT_ID, "", frozenset(MEMBER_SCOPES), secret_fits=False)


async def known_client(database: Database, client_id: str, secret: str) -> KnownClient | None:
    """The client called `client_id`, its secret compared; None when there is no such client."""
    if client_id == WALLET_CLIENT_ID:
        return _WALLET
    async with database.connection() as connection:
        found = await find_client(connection, client_id)
    if found is None:
        return None
    fits = bool(secret) and await asyncio.to_thread(verify_secret, found, secret)
    return KnownClient(found.id, str(found.brand_id), frozenset(found.scopes), fits)
