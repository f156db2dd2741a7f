"""Reads that many requests share: whatever is asked at the same time, by whomever, is one query.

Within a request this is what a data loader does; across requests it spares the database the round trips. A value is
never older than the question: the query is sent after it was asked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import brands
import ledger
import members
import rights
from brands.accounts import points_account
from core.coalesce import Coalescer
from core.database import Connection, Database

IN_FLIGHT_MAX = 2
"""Reads of one kind at a time: while one is answered, the next fills."""


@dataclass(frozen=True, slots=True)
class Card:
    """A membership and what stands on its account, in minor units."""

    membership: members.Membership
    balance: ledger.Balance
    lots: Sequence[ledger.Lot]
    """First expiring first, those still to come included."""

    def spendable(self, now: datetime) -> int:
        """What can be used at `now`."""
        return sum(lot.remaining for lot in self.lots if lot.available_at is None or lot.available_at <= now)


class Reads:
    """The shared reads of one process."""

    def __init__(self, database: Database, member_keys: members.MemberKeys) -> None:
        self._database = database
        self._member_keys = member_keys
        self.directory = Coalescer(self._directory, in_flight_max=IN_FLIGHT_MAX)
        self.cards = Coalescer(self._cards, in_flight_max=IN_FLIGHT_MAX)
        self.grants = Coalescer(self._grants, in_flight_max=IN_FLIGHT_MAX)
        self.display = Coalescer(self._display, in_flight_max=IN_FLIGHT_MAX)

    async def close(self) -> None:
        """Let what is in flight land."""
        for queue in (self.directory, self.cards, self.grants, self.display):
            await queue.close()

    async def _directory(self, askers: Sequence[None]) -> list[brands.Directory]:
        async with self._database.connection() as connection:
            return [await brands.directory(connection)] * len(askers)

    async def _cards(self, member_ids: Sequence[UUID]) -> list[Sequence[Card]]:
        """Each member's cards, the oldest first."""
        async with self._database.connection() as connection:
            held = await members.memberships(connection, set(member_ids))
            accounts = await _accounts(connection, held.values())
            balances = await ledger.balances(connection, accounts.values())
            lots = await ledger.lots(connection, accounts.values(), clock=self._database.clock)
        cards = {found: Card(found, balances[account], lots[account]) for found, account in accounts.items()}
        return [[cards[found] for found in held[member_id]] for member_id in member_ids]

    async def _grants(self, member_ids: Sequence[UUID]) -> list[Sequence[rights.Grant]]:
        """Each member's grants, the oldest first."""
        async with self._database.connection() as connection:
            held = await members.memberships(connection, set(member_ids))
            found = await rights.grants(connection, [card.id for cards in held.values() for card in cards])
        return [sorted((grant for card in held[m] for grant in found[card.id]), key=_age) for m in member_ids]

    async def _display(self, member_ids: Sequence[UUID]) -> list[members.Display | None]:
        """What each member is shown about themselves; None when nothing is known."""
        async with self._database.connection() as connection:
            found = await members.display(connection, self._member_keys, set(member_ids))
        return [found.get(member_id) for member_id in member_ids]


async def _accounts(
    connection: Connection, held: Iterable[Iterable[members.Membership]]
) -> Mapping[members.Membership, UUID]:
    programs = (await brands.directory(connection)).programs
    return {card: points_account(card.id, programs[card.program_id]).id for cards in held for card in cards}


def _age(grant: rights.Grant) -> UUID:
    return grant.id  # ids are time-ordered
