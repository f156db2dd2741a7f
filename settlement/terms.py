"""The terms of a settlement model: how its windows are netted, paid for and closed.

A window keeps the terms that it opened with.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import msgspec

from settlement.schedules import Schedule


class Netting(StrEnum):
    """What is set off against what."""

    MULTILATERAL = "multilateral"
    """Everything against everything: each participant pays or is paid once."""
    BILATERAL = "bilateral"
    """Between each two participants: what remains is due from one and owed to the other."""
    GROSS = "gross"
    """Nothing: what each owes each other is due and owed in full, each direction with a payment of its own."""


class Funding(StrEnum):
    """Where the money for what is due comes from."""

    POSTPAID = "postpaid"
    """Participants pay when the window has been advised."""
    PREFUNDED = "prefunded"
    """What is due is taken from what participants have deposited, as far as it goes."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the participants of a model have agreed on. Raises ValueError for what makes no sense."""

    netting: Netting = Netting.MULTILATERAL
    set_off_loops: bool = False
    """Whether A owing B, B owing C and C owing A is set off before anybody pays; only where it would not be anyway."""
    funding: Funding = Funding.POSTPAID
    schedule: Schedule = field(default_factory=Schedule)

    def __post_init__(self) -> None:
        if self.set_off_loops and self.netting is not Netting.BILATERAL:
            raise ValueError("closed loops can be set off where netting is bilateral")


NETWORK_TERMS: Final = Terms()
"""Those of the network's own model until two persons decide otherwise."""

_decoder: Final = msgspec.json.Decoder(Terms)


def terms_of(written: str) -> Terms:
    """The terms as they were kept."""
    return _decoder.decode(written)


def written(terms: Terms) -> str:
    """The terms as they are kept: the same terms always the same text."""
    return msgspec.json.encode(terms, order="deterministic").decode()
