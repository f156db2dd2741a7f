"""Why prices do not change: values, never exceptions.

Refusal
├── NoSuchProgram      (program)
├── TermsUnfit         (field, sentence) a price, a fee or an instant that cannot be
├── PriceUnchanged     the terms are those in force
├── NothingToEnd       (source, target) the pair has no special price
├── PauseNotFound      (pause_id) no such pause, or it was resumed
├── CircleProfits      (programs, gain, instant) with it a circle of exchanges could profit
├── ProposalNotFound   (number)
├── ProposalDecided    (number, decision)
├── SamePerson         (number, person) whoever submitted cannot approve
├── DigestDiffers      (number, submitted) the digest named is not that of the proposal
├── PriceMoved         (number) another price came into force since: the proposal is void
└── ReasonMissing
"""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Final
from uuid import UUID

from core.errors import Refusal

RETROACTIVE: Final = "A price is never retroactive: name an instant to come, or none, to begin when it is approved."
_GAIN_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class NoSuchProgram(Refusal):
    """There is no such program."""

    program: str


@dataclass(frozen=True, slots=True)
class TermsUnfit(Refusal):
    """The terms cannot be used."""

    field: str
    sentence: str

    @property
    def message(self) -> str:
        """The sentence."""
        return self.sentence


@dataclass(frozen=True, slots=True)
class PriceUnchanged(Refusal):
    """These prices are in force already."""


@dataclass(frozen=True, slots=True)
class NothingToEnd(Refusal):
    """The pair has no special price."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class PauseNotFound(Refusal):
    """There is no such pause, or it was resumed."""

    pause_id: UUID


@dataclass(frozen=True, slots=True)
class CircleProfits(Refusal):
    """With this price a circle of exchanges could profit."""

    programs: tuple[str, ...]
    """Codes in order; the first one comes again at the end."""
    product: Fraction
    """What one minor unit of the first program's points becomes at most."""
    instant: datetime
    """From when on."""

    @property
    def gain(self) -> str:
        """The product less one, as a decimal rounded up: `0.0125`."""
        scaled = -(-(self.product - 1) * 10**_GAIN_DECIMALS // 1)
        return f"{scaled // 10**_GAIN_DECIMALS}.{scaled % 10**_GAIN_DECIMALS:0{_GAIN_DECIMALS}d}"

    @property
    def message(self) -> str:
        """The circle and its gain."""
        circle = " → ".join(self.programs)
        return f"With this price the circle {circle} could profit: 1 becomes up to 1 + {self.gain}."


@dataclass(frozen=True, slots=True)
class ProposalNotFound(Refusal):
    """There is no such proposal."""

    number: int


@dataclass(frozen=True, slots=True)
class ProposalDecided(Refusal):
    """The proposal was decided before."""

    number: int
    decision: str

    @property
    def message(self) -> str:
        """With the decision."""
        return f"Proposal {self.number} was decided before: {self.decision}."


@dataclass(frozen=True, slots=True)
class SamePerson(Refusal):
    """Whoever submitted it cannot also approve it."""

    number: int
    person: str


@dataclass(frozen=True, slots=True)
class DigestDiffers(Refusal):
    """The digest is not that of the proposal: look at it again."""

    number: int
    submitted: str


@dataclass(frozen=True, slots=True)
class PriceMoved(Refusal):
    """Another price has come into force since it was submitted; the proposal is void."""

    number: int


@dataclass(frozen=True, slots=True)
class ReasonMissing(Refusal):
    """The step has to be explained: give a reason."""
