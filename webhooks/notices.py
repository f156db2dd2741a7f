"""Telling the processes that serve subscriptions whose wallet and exchanges have changed, through PostgreSQL's NOTIFY.

It goes out when the transaction commits and is lost with it. A line names memberships and, after a colon, exchanges;
what has changed is read by whoever is interested.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple
from uuid import UUID

CHANNEL: Final = "agio_member"
IDS_MAX: Final = 240
"""In one line: PostgreSQL takes lines of less than 8,000 bytes."""


class Change(NamedTuple):
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
    membership = change.membership_id.hex
    return membership if change.exchange_id is None else f"{membership}:{change.exchange_id.hex}"


def _read(word: str) -> Change:
    membership, _, exchange = word.partition(":")
    return Change(UUID(membership), UUID(exchange) if exchange else None)
