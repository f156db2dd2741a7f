"""What a member is shown about themselves: enough to recognise it, too little to be worth stealing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.database import Connection
from members.identifiers import IdentifierType
from members.keys import MemberKeys, Sealed
from members.records import Profile, read_profile


@dataclass(frozen=True, slots=True)
class Display:
    """Masked personal data; empty where nothing is known."""

    name: str
    phone: str
    email: str


_SEALED: Final = """
SELECT asked.id AS asked, record.id, record.wrapped_key, record.sealed_profile
FROM members_record AS asked JOIN members_record AS record ON record.member_id = asked.member_id
WHERE asked.id = ANY($1) AND record.erased_at IS NULL
ORDER BY asked.id, record.id
"""


async def display(connection: Connection, keys: MemberKeys, member_ids: Iterable[UUID]) -> Mapping[UUID, Display]:
    """Each member's masked name, phone and email; ids nobody knows, and the erased, are left out. Raises Unreadable."""
    profiles: defaultdict[UUID, list[Profile]] = defaultdict(list)
    for row in await connection.fetch(_SEALED, list(member_ids)):
        sealed = Sealed(row["wrapped_key"], row["sealed_profile"])
        profiles[row["asked"]].append(read_profile(keys, row["id"], sealed))
    return {member_id: _display(found) for member_id, found in profiles.items()}


def _display(profiles: Sequence[Profile]) -> Display:
    return Display(
        mask_name(next((profile.name for profile in profiles if profile.name), "")),
        mask_phone(_first(profiles, IdentifierType.PHONE)),
        mask_email(_first(profiles, IdentifierType.EMAIL)),
    )


def _first(profiles: Sequence[Profile], kind: IdentifierType) -> str:
    carried = (each for profile in profiles for each in profile.identifiers)
    return next((each.value for each in carried if each.type is kind), "")


def mask_name(name: str) -> str:
    """The first letter of each part: `L** K*`."""
    return " ".join(part[:1] + "*" * (len(part) - 1) for part in name.split())


def mask_phone(phone: str) -> str:
    """The country and the two ends: `+86138****0042`."""
    return phone[:-8] + "****" + phone[-4:] if phone else ""


def mask_email(email: str) -> str:
    """The first letter and the domain: `l***@example.com`."""
    name, at, domain = email.partition("@")
    return f"{name[:1]}***{at}{domain}" if email else ""
