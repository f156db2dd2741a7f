"""Where a brand's files lie: one folder that it takes from, one that it puts into."""

from dataclasses import dataclass
from pathlib import Path

OUTGOING = "to-brand"
INCOMING = "from-brand"
TAKEN = "taken"
REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of one program."""

    root: Path

    @property
    def outgoing(self) -> Path:
        """The brand takes our files from here."""
        return self.root / OUTGOING

    @property
    def incoming(self) -> Path:
        """The brand puts its files here."""
        return self.root / INCOMING

    @property
    def taken(self) -> Path:
        """Its files when everything was read from them."""
        return self.root / INCOMING / TAKEN

    @property
    def refused(self) -> Path:
        """Its files that are not used, each beside the reason."""
        return self.root / INCOMING / REFUSED

    @property
    def lock(self) -> Path:
        """Who holds it writes and reads; it stands beside the files, so that all machines that share them share it."""
        return self.root / ".agio.lock"

    def make(self) -> None:
        """Make what is missing."""
        for folder in (self.outgoing, self.taken, self.refused):
            folder.mkdir(parents=True, exist_ok=True)
