"""What members needs from outside: somebody who says who signs in."""

from typing import Protocol

from core.errors import Refusal
from members.sign_in import SignInIdentity


class SignInProvider(Protocol):
    """A mini-program platform or another identity provider."""

    async def exchange_code(self, code: str) -> SignInIdentity | Refusal:
        """Who holds the one-time code. A code that was used, is too old or was never given out is refused."""
        ...
