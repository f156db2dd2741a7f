"""Telling the processes that serve subscriptions whose wallet and exchanges have changed, through PostgreSQL's NOTIFY.

It goes out when the transaction commits and is lost with it. A line names memberships and, after a colon, exchanges;
what has changed is read by whoever is interested.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final
from uuid import UUID

CHANNEL: Final = "agio_member"
IDS_MAX: Final = 300
"""In one line: PostgreSQL takes lines of less than 8,000 bytes."""


@dataclass(frozen=True, slots=True)
class Change:
    """A membership on whose account something moved, or which has an exchange that did."""

    membership_id: UUID
    exchange_id: UUID | None = None


def lines(changes: Iterable[Change]) -> list[str]:
    """The changes, each once, in as few lines as they fit into."""
    waiting = iter(dict.fromkeys(changes))
    return list(_lines(waiting))


def _lines(waiting: Iterator[Change]) -> Iterator[str]:
    while chunk := list(islice(waiting, IDS_MAX // 2)):
        yield " ".join(map(_written, chunk))


def read_line(line: str) -> Sequence[Change]:
    """The changes that a line names."""
    return [_read(word) for word in line.split()]


def _written(change: Change) -> str:
    membership = _short(change.membership_id)
    return membership if change.exchange_id is None else f"{membership}:{_short(change.exchange_id)}"


def _read(word: str) -> Change:
    membership, _, exchange = word.partition(":")
    return Change(_long(membership), _long(exchange) if exchange else None)


def _short(key: UUID) -> str:
    return urlsafe_b64encode(key.bytes).decode().rstrip("=")


def _long(text: str) -> UUID:
    return UUID(bytes=urlsafe_b64decode(text + "=="))
