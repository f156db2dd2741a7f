"""What webhooks need from outside: somebody who sends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one request."""

    status: int | None
    """HTTP's; None: there was no answer."""
    failure: str | None
    """Why there was none, in a few words; None: there was one."""
    body: str
    """The first bytes of the answer, as text."""
    duration: timedelta
    retry_after: timedelta = timedelta()
    """How long the other side asks to be left alone."""

    @property
    def accepted(self) -> bool:
        """Whether the other side has taken it."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - HTTP's range of success


class Sender(Protocol):
    """Sends one webhook over HTTP; follows no redirects, and calls public addresses only."""

    async def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """POST `body`. Whatever goes wrong on the way is an answer as well; nothing is raised for it."""
        ...
