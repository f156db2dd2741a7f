"""What the adapters refuse and raise.

Refusal
├── CodeRefused           a one-time code was used, is too old or was never given out
└── PersonBlocked         the provider considers the person a risk

AgioError
└── ProviderMisused       the provider rejects our own credentials or calls: configuration, or a bug

A provider that cannot be reached or talks nonsense raises ConnectionError: nobody is to blame, try again later.
"""

from dataclasses import dataclass

from core.errors import AgioError, Refusal


@dataclass(frozen=True, slots=True)
class CodeRefused(Refusal):
    """The sign-in code was used before, is too old or was never given out."""


@dataclass(frozen=True, slots=True)
class PersonBlocked(Refusal):
    """The sign-in provider has blocked this account."""


class ProviderMisused(AgioError):
    """The provider rejects our own credentials or calls."""

    def __init__(self, provider: str, code: int, text: str) -> None:
        super().__init__(f"{provider} says {code}: {text}")
        self.code = code
