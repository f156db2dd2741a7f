"""Signing in, and staying signed in."""

from typing import Annotated, Final

import strawberry

import members
from core.errors import Refusal as DomainRefusal
from schema.context import Info
from schema.errors import BadInput
from schema.fields import open_to_all
from schema.ports import SessionEnded as DomainSessionEnded
from schema.ports import SessionTokens
from schema.refusals import Refusal


@strawberry.type
class Session:
    """What a signed-in member's front end keeps."""

    access_token: str
    """Send it as `Authorization: Bearer …`."""
    refresh_token: str
    """Trade it in for new tokens before the access token expires; each is good for one trade."""
    lifetime_seconds: int
    """Of the access token."""

    @classmethod
    def of(cls, tokens: SessionTokens) -> "Session":
        """As the graph shows it."""
        return cls(
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
            lifetime_seconds=tokens.lifetime_seconds,
        )


@strawberry.type
class SignInRefused(Refusal):
    """The provider did not say who it is: the code was used, is too old, or the account is blocked there."""


@strawberry.type
class SessionEnded(Refusal):
    """The session has ended; sign in again."""


CODE_LENGTH_MAX: Final = 2_000
"""Characters of the longest code that a provider is asked about; WeChat's have 32."""

UNUSABLE: Final = f"The sign-in code cannot be used: 1 to {CODE_LENGTH_MAX:,} printable ASCII characters."


def _is_usable(code: str) -> bool:
    return 0 < len(code) <= CODE_LENGTH_MAX and code.isascii() and code.isprintable()


SignInResult = Annotated[Session | SignInRefused, strawberry.union("SignInResult")]
RefreshResult = Annotated[Session | SessionEnded, strawberry.union("RefreshResult")]


@strawberry.type
class SessionMutation:
    """Sessions of members."""

    @open_to_all
    async def sign_in(self, info: Info, provider: str, code: str, phone_code: str | None = None) -> SignInResult:
        """Sign in with the one-time code of a mini-program; the code is the key, it works once.

        With `phoneCode` the member also shares the phone number that the provider has verified.
        """
        services = info.context.services
        port = services.sign_in.get(provider)
        if port is None:
            raise BadInput("There is no such sign-in provider.", providers=sorted(services.sign_in))
        if not (_is_usable(code) and (not phone_code or _is_usable(phone_code))):
            return SignInRefused(message=UNUSABLE)
        identity = await port.exchange_code(code, phone_code)
        if isinstance(identity, DomainRefusal):
            return SignInRefused(message=identity.message)
        member = await members.sign_in(services.database, services.member_keys, identity)
        if isinstance(member, members.UnusableIdentity):
            return SignInRefused(message=member.message)
        return Session.of(await services.sessions.open(member.id))

    @open_to_all
    async def refresh(self, info: Info, refresh_token: str, idempotency_key: str) -> RefreshResult:
        """Trade a refresh token for new tokens. When the answer is lost, ask again with the same key."""
        outcome = await info.context.services.sessions.renew(refresh_token, idempotency_key)
        if isinstance(outcome, DomainSessionEnded):
            return SessionEnded(message=outcome.message)
        return Session.of(outcome)
