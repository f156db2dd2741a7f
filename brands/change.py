"""One thing that is different since files were applied or prices approved."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is different now."""

    path: str
    """Dotted, in the words of the network file; of a whole table when all of it is new or gone."""
    before: str | None
    """None: it was not there."""
    after: str | None
    """None: it is gone."""

    def __str__(self) -> str:
        """`programs.AURORA.rate.sell: 0.048 → 0.05`."""
        if self.before is None:
            return f"{self.path}: added ({self.after})"
        if self.after is None:
            return f"{self.path}: removed ({self.before})"
        return f"{self.path}: {self.before} → {self.after}"
