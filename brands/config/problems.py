"""Collects what is wrong with a file, so that everything is said at once."""

from collections.abc import Collection
from difflib import get_close_matches

PROBLEMS_MAX = 200
"""After so many problems the rest of the file is not read."""

_CANDIDATES_MAX = 2_000

Path = tuple[str, ...]
"""Where in a file: the keys from the outermost table inwards."""


class TooManyProblems(Exception):
    """`PROBLEMS_MAX` is reached."""


class Problems:
    """What was found so far: one problem at a place, none within what could not be read at all."""

    def __init__(self) -> None:
        self.found: dict[Path, str] = {}
        self._unread: set[Path] = set()

    def __bool__(self) -> bool:
        return bool(self.found)

    def add(self, path: Path, message: str) -> None:
        """Note one problem. Raises TooManyProblems."""
        if path in self.found or self._is_unread(path):
            return
        self.found[path] = message
        if len(self.found) >= PROBLEMS_MAX:
            raise TooManyProblems

    def unread(self, path: Path, message: str) -> None:
        """Note that nothing could be read at `path`: what is found further in does not count."""
        self.add(path, message)
        self._unread.add(path)

    def unknown(self, path: Path, what: str, written: str, known: Collection[str]) -> None:
        """Note a name that nothing bears, with the nearest that something does."""
        self.add(path, f"{what} {written} is not known{nearest(written, known)}")

    def _is_unread(self, path: Path) -> bool:
        return any(path[:length] in self._unread for length in range(len(path)))


def nearest(written: str, known: Collection[str]) -> str:
    """The end of a sentence that suggests the most similar name, if any is similar."""
    similar = get_close_matches(written, known, 1) if len(known) <= _CANDIDATES_MAX else []
    return f"; did you mean {similar[0]}?" if similar else "."
