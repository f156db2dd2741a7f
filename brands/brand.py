"""A brand: one node of the tree group → brand → dealer → store."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

CAP_WARNINGS = (80, 95)
CAP_WARNING_HOURS = 24


class BrandKind(StrEnum):
    """What stands at a node of the brand tree."""

    GROUP = "group"
    """A company that holds brands."""
    BRAND = "brand"
    """A brand that members know by its name."""
    DEALER = "dealer"
    """A franchisee or agent that works under a brand."""
    STORE = "store"
    """A place where members are served: a hotel, a lounge, a shop."""


@dataclass(frozen=True, slots=True)
class Brand:
    """A node of the brand tree and who settles for it."""

    id: UUID
    code: str
    """Lower case with hyphens, one of its kind in the network: `aurora-grand-suzhou`."""
    name: str
    name_zh: str
    kind: BrandKind
    parent_id: UUID | None
    """None for the root of a network file."""
    participant_id: UUID
    """The brand that settles: this one, or the nearest above it that is declared a participant."""
    net_debit_cap: int
    """For a participant, how far its position may fall below zero, in micro-CNY; otherwise 0."""
    prefund: int
    """For a participant, the cash it has agreed to keep deposited, in micro-CNY; otherwise 0."""
    closed: bool
    """A closed brand serves nobody any more; its history stays."""
    cap_warnings: tuple[int, ...] = CAP_WARNINGS
    """For a participant: the parts of the cap, in per cent, whose crossing it is told of."""
    cap_warning_hours: int = CAP_WARNING_HOURS
    """For a participant: it is told when the cap runs out within these hours at the present pace; 0: never."""

    @property
    def is_participant(self) -> bool:
        """Whether this brand settles for itself."""
        return self.participant_id == self.id
