"""Why a program's adapter does not change: values, never exceptions.

Refusal
├── ConfigRefused              (problems) the configuration cannot be used; see `brands.errors`
├── ConfigurationUnchanged     it is in force already
├── ConfigurationMoved         (number) another one has come into force since: the proposal is void
├── SecretUnknown              (program, name) neither the configuration nor a proposal names it
├── SecretUnusable             (length_max)
└── NoSuchProgram, ProposalNotFound, ProposalDecided, SamePerson, DigestDiffers, ReasonMissing: as of prices
"""

from dataclasses import dataclass
from typing import Final

from core.errors import Refusal

SECRET_LENGTH_MAX: Final = 4_096
"""Characters of a brand's secret."""


@dataclass(frozen=True, slots=True)
class ConfigurationUnchanged(Refusal):
    """Exactly this configuration is in force already."""


@dataclass(frozen=True, slots=True)
class ConfigurationMoved(Refusal):
    """Another configuration has come into force since it was submitted; the proposal is void."""

    number: int


@dataclass(frozen=True, slots=True)
class SecretUnknown(Refusal):
    """Neither the program's configuration nor what is proposed for it names such a secret."""

    program: str
    name: str


@dataclass(frozen=True, slots=True)
class SecretUnusable(Refusal):
    """A secret is one line of printable characters."""

    length_max: int = SECRET_LENGTH_MAX

    @property
    def message(self) -> str:
        """With the length."""
        return f"A secret is one line of 1 to {self.length_max} printable characters."
