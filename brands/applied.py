"""What applying network files did."""

from dataclasses import dataclass, field


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
