"""Memberships: a member's card of a program. Points belong to the membership, so they stay whoever the member is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

import asyncpg

from core.database import Connection
from members.normalise import normal_number


class MembershipStatus(StrEnum):
    """Whether a card works."""

    ACTIVE = "active"
    """It earns and spends."""
    CLOSED = "closed"
    """The brand or the member has ended it."""
    ERASED = "erased"
    """The member asked to be forgotten; the books keep the account, nobody knows whose."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A member's card of a program."""

    id: UUID
    """Also the owner of the points account. It never changes, whoever the member turns out to be."""
    member_id: UUID
    program_id: UUID
    number: str
    """Empty when erased."""
    tier: str
    """The code of one of the program's tiers."""
    status: MembershipStatus
    enrolled_on: date


_COLUMNS: Final = """
membership.id, record.member_id, membership.program_id, membership.number, membership.tier, membership.status,
membership.enrolled_on
"""

_OF_MEMBERS: Final = f"""
SELECT asked.id AS asked, {_COLUMNS}
FROM members_record AS asked
JOIN members_record AS record ON record.member_id = asked.member_id
JOIN members_membership AS membership ON membership.id = record.id
WHERE asked.id = ANY($1)
ORDER BY membership.enrolled_on, membership.id
"""

_BY_ID: Final = f"""
SELECT {_COLUMNS} FROM members_membership AS membership JOIN members_record AS record USING (id)
WHERE membership.id = ANY($1)
"""

_BY_NUMBER: Final = f"""
SELECT {_COLUMNS}
FROM unnest($1::uuid[], $2::text[]) AS asked (program_id, number)
JOIN members_membership AS membership USING (program_id, number)
JOIN members_record AS record ON record.id = membership.id
"""


async def memberships(connection: Connection, member_ids: Iterable[UUID]) -> Mapping[UUID, tuple[Membership, ...]]:
    """The memberships of each member, the oldest first; ids given out before a merge count too."""
    wanted = list(member_ids)
    found: defaultdict[UUID, list[Membership]] = defaultdict(list)
    for row in await connection.fetch(_OF_MEMBERS, wanted):
        found[row["asked"]].append(_membership(row))
    return {member_id: tuple(found[member_id]) for member_id in wanted}


async def memberships_by_id(connection: Connection, ids: Iterable[UUID]) -> Mapping[UUID, Membership]:
    """Memberships by their own ids; unknown ones are left out."""
    return {row["id"]: _membership(row) for row in await connection.fetch(_BY_ID, list(ids))}


async def memberships_by_number(
    connection: Connection, cards: Iterable[tuple[UUID, str]]
) -> Mapping[tuple[UUID, str], Membership]:
    """Memberships by (program id, member number as anybody may write it); unknown ones are left out."""
    normal = {card: normal_number(card[1]) for card in cards}
    programs = [program_id for (program_id, _), number in normal.items() if number]
    rows = await connection.fetch(_BY_NUMBER, programs, [number for number in normal.values() if number])
    found = {(row["program_id"], row["number"]): _membership(row) for row in rows}
    by_card = ((card, found.get((card[0], number or ""))) for card, number in normal.items())
    return {card: membership for card, membership in by_card if membership is not None}


async def membership_by_number(connection: Connection, program_id: UUID, number: str) -> Membership | None:
    """The membership with that number, as anybody may write it; None when there is none."""
    return (await memberships_by_number(connection, [(program_id, number)])).get((program_id, number))


def _membership(row: asyncpg.Record) -> Membership:
    return Membership(
        row["id"],
        row["member_id"],
        row["program_id"],
        row["number"] or "",
        row["tier"],
        MembershipStatus(row["status"]),
        row["enrolled_on"],
    )
