"""What members needs from outside: somebody who says who signs in."""

from typing import Protocol

from core.errors import Refusal
from members.sign_in import SignInIdentity


class SignInProvider(Protocol):
    """A mini-program platform or another identity provider."""

    async def exchange_code(self, code: str, phone_code: str | None = None) -> SignInIdentity | Refusal:
        """Who holds the one-time code. A code that was used, is too old or was never given out is refused.

        With `phone_code`, another one-time code, the member lets us see the phone number that the provider knows.
        Raises OSError when the provider cannot be reached or does not answer sensibly; try again later.
        """
        ...
