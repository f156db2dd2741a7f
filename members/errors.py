"""What the members package refuses, and what it cannot do.

Refusal
├── UnusableIdentity      (provider) the sign-in provider named nobody
├── UnknownMember         (member_id) no such member
├── SameRecord            a verdict needs two records
└── ImportRefused         nothing was imported; what can be wrong with any file: `core.table_errors`
    ├── UnknownBrand          (brand) no such brand
    ├── NoMemberFile          (brand) the brand delivers no member file
    └── NoSuchProgram         (brand, program) none of its member files is this program's

AgioError
└── Unreadable            (in keys) sealed personal data that cannot be opened
"""

from dataclasses import dataclass
from uuid import UUID

from core.errors import Refusal
from core.table_errors import ImportRefused as ImportRefused


@dataclass(frozen=True, slots=True)
class UnusableIdentity(Refusal):
    """The sign-in provider did not say who signed in."""

    provider: str


@dataclass(frozen=True, slots=True)
class UnknownMember(Refusal):
    """There is no such member."""

    member_id: UUID


@dataclass(frozen=True, slots=True)
class SameRecord(Refusal):
    """A verdict is about two different records."""

    record_id: UUID


@dataclass(frozen=True, slots=True)
class UnknownBrand(ImportRefused):
    """There is no brand with this code."""

    brand: str

    @property
    def message(self) -> str:
        """Which one."""
        return f"There is no brand called {self.brand!r}."


@dataclass(frozen=True, slots=True)
class NoMemberFile(ImportRefused):
    """The brand's configuration does not say how its member file is written."""

    brand: str
    programs: tuple[str, ...]
    """The programs that do have one, when there are several to choose from."""

    @property
    def message(self) -> str:
        """What to do."""
        if self.programs:
            return f"The brand {self.brand} has several member files: name one of {', '.join(self.programs)}."
        return f"The configuration of {self.brand} has no section `member_file` that says how its file is written."


@dataclass(frozen=True, slots=True)
class NoSuchProgram(ImportRefused):
    """None of the brand's member files is this program's."""

    brand: str
    program: str
    programs: tuple[str, ...]
    """Those that have one."""

    @property
    def message(self) -> str:
        """What to name in its place."""
        there = ", ".join(self.programs)
        return f"The brand {self.brand} has no program {self.program!r} with a member file; it has {there}."
