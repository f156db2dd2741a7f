"""What applying network files did."""

from dataclasses import dataclass, field

from brands.change import Change
from brands.pricing.proposal import Proposal


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """A secret that was made for a client. It is not kept: this is the only time it is seen."""

    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Applied:
    """The configuration is in force."""

    changes: tuple[Change, ...]
    """Empty: everything was so already, and nothing was written."""
    secrets: tuple[ClientSecret, ...] = ()
    """Of clients for which no secret was given."""
    proposals: tuple[Proposal, ...] = ()
    """Changed prices that wait for a second person."""
