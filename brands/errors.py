"""What the brands package refuses.

Refusal
└── ConfigRefused    a network file, or what it would change, cannot be accepted; nothing was changed
"""

from dataclasses import dataclass

from core.errors import Refusal


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a network file."""

    path: str
    """Where: dotted, as written in the file (`programs.AURORA.rate.sell`); empty for the file as a whole."""
    message: str
    """What, as a sentence for the person who wrote the file."""
    line: int | None = None
    """The line in the file, from 1, where it is known."""
    source: str = ""
    """The file's name."""

    def __str__(self) -> str:
        """`aurora.toml:41: programs.AURORA.rate.sell: The sell price …`, without what is not known."""
        place = ":".join(part for part in (self.source, str(self.line or "")) if part)
        return ": ".join(part for part in (place, self.path, self.message) if part)


@dataclass(frozen=True, slots=True)
class ConfigRefused(Refusal):
    """The configuration was refused; nothing was changed."""

    problems: tuple[Problem, ...]
    """Everything that is wrong, in the order of the file."""

    @property
    def message(self) -> str:
        """Every problem, one a line."""
        return "\n".join(str(problem) for problem in self.problems)
