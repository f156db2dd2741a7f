"""Who takes a step that may need two persons."""

import unicodedata
from dataclasses import dataclass
from typing import Final

SUBJECT_LENGTH_MAX: Final = 200
"""The longest subject, in characters."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or a job, by the subject of its token. Spellings that differ only in case or blanks are one person."""

    subject: str

    def __post_init__(self) -> None:
        spelt = unicodedata.normalize("NFKC", self.subject).strip().casefold()
        if not spelt or len(spelt) > SUBJECT_LENGTH_MAX or not spelt.isprintable():
            message = f"{self.subject[:40]!r} cannot be a subject: 1 to {SUBJECT_LENGTH_MAX} printable characters"
            raise ValueError(message)
        object.__setattr__(self, "subject", spelt)
