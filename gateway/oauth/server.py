"""The token endpoint's rules, by Authlib. Its code is synchronous, so everything it asks for is read before.

A request is answered by `answer(...)`: plain values in, status, body and headers out. Whatever has to be written
(the rotation of a refresh token) is written by the caller afterwards, in the transaction that holds the row.
"""

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749.authenticate_client import ClientAuthentication
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant, RefreshTokenGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator

from gateway.oauth.access import ACCESS_SECONDS, AccessTokens
from gateway.oauth.clients import KnownClient
from gateway.oauth.sessions import Renewal
from schema.viewer import Viewer, ViewerKind

Answer = tuple[int, dict[str, Any], list[tuple[str, str]]]

_URI = "https://agio/oauth/token"  # Authlib refuses plain http; TLS ends in front of this process


class TokenRequest(OAuth2Request):
    """One request, with what was read for it."""

    def __init__(
        self,
        form: Mapping[str, str],
        headers: Mapping[str, str],
        client: KnownClient | None,
        renewal: "HeldRenewal | None",
    ) -> None:
        # Authlib looks names up as they are usually written; ASGI gives them in lower case.
        super().__init__("POST", _URI, headers={name.title(): value for name, value in headers.items()})
        self.payload = BasicOAuth2Payload(dict(form))
        self.known_client = client
        self.renewal = renewal

    @property
    def form(self) -> dict[str, str]:
        """The form's fields."""
        return dict(self.payload.data)


class HeldRenewal:
    """A refresh token that may be traded in, as Authlib's token."""

    def __init__(self, renewal: Renewal, client_id: str, scope: str) -> None:
        self.renewal = renewal
        self._client_id = client_id
        self._scope = scope

    def check_client(self, client: KnownClient) -> bool:
        """Whether the session was begun by this client."""
        return client.client_id == self._client_id

    def get_scope(self) -> str:
        """What the session may do."""
        return self._scope


class _BrandGrant(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]  # noqa: RUF012 - Authlib's attribute


class _MemberGrant(RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["none"]  # noqa: RUF012 - Authlib's attribute
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> HeldRenewal | None:
        del refresh_token
        renewal: HeldRenewal | None = self.request.renewal
        return renewal

    def authenticate_user(self, refresh_token: HeldRenewal) -> Renewal:
        return refresh_token.renewal

    def revoke_old_credential(self, refresh_token: HeldRenewal) -> None:
        """The caller records the trade, in its transaction."""


class TokenServer(AuthorizationServer):
    """Client credentials for brands, refresh for members."""

    def __init__(self, access: AccessTokens) -> None:
        super().__init__()
        self._access = access
        self.register_grant(_BrandGrant)
        self.register_grant(_MemberGrant)
        self.register_token_generator("default", BearerTokenGenerator(self._access_token, _successor, ACCESS_SECONDS))

    def answer(self, request: TokenRequest) -> Answer:
        """Status, JSON body and headers of the answer to one request."""
        answer: Answer = self.create_token_response(request)
        return answer

    def create_oauth2_request(self, request: TokenRequest) -> TokenRequest:
        """It is one already."""
        return request

    def authenticate_client(self, request: TokenRequest, methods: list[str], endpoint: str = "token") -> KnownClient:
        """The request's own client, if it can prove itself."""
        known = request.known_client
        check = ClientAuthentication(lambda wanted: known if known and known.client_id == wanted else None)
        found: KnownClient = check(request, methods, endpoint)
        return found

    def handle_response(self, status: int, body: Any, headers: Any) -> Answer:
        """As plain values."""
        return status, dict(body), list(headers)

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Access tokens are not stored; the caller stores refresh tokens."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def _access_token(self, *, client: KnownClient, user: Renewal | None, scope: str, **_: object) -> str:
        scopes = frozenset(scope.split())
        if user is None:
            return self._access.issue(Viewer(ViewerKind.BRAND, client.brand_id, client.client_id, scopes))
        return self._access.issue(Viewer(ViewerKind.MEMBER, str(user.member_id), client.client_id, scopes))


def _successor(*, user: Renewal, **_: object) -> str:
    return user.successor
