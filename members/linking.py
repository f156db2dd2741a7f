"""Cards that members add by their number: the brand has confirmed it, and nobody else's wallet holds it."""

from dataclasses import dataclass
from typing import Final, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from brands import Program
from core.database import Connection, Database
from core.errors import Refusal
from core.ids import new_id
from members.card_links import NOTHING_TOLD, CardDetails, forget_links, keep_link
from members.keys import MemberKeys
from members.member import members_of
from members.memberships import Membership, MembershipStatus, memberships_by_id
from members.normalise import normal_number
from members.oneid import decide_anew, lock_identities
from members.ports import SILENT, Outbox, TierChange
from members.records import Profile, SourceRecord, write_records
from members.resolution import Verdict, pair

_WRITE: Final = """
INSERT INTO members_membership (id, program_id, number, tier, status, enrolled_on, opening_amount, row_digest)
VALUES ($1, $2, $3, $4, 'active', $5, 0, $6)
"""
_RENEW: Final = "UPDATE members_membership SET status = 'active', tier = $2 WHERE id = $1 AND status <> 'erased'"
_CLOSE: Final = "UPDATE members_membership SET status = 'closed' WHERE id = $1"
_LINKS: Final = """
SELECT left_id, right_id FROM (
    SELECT DISTINCT ON (left_id, right_id) left_id, right_id, verdict, decided_by FROM members_verdict
    WHERE left_id = $1 OR right_id = $1 ORDER BY left_id, right_id, id DESC
) AS latest
WHERE verdict = 'same' AND decided_by = 'member'
"""
_COMPANY: Final = "SELECT count(*) FROM members_record WHERE member_id = $1"
_VERDICT: Final = """
INSERT INTO members_verdict (id, left_id, right_id, verdict, decided_by, reason, decided_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


@dataclass(frozen=True, slots=True)
class Card:
    """A card as its brand has confirmed it to us for a member."""

    program: Program
    number: str
    tier: str | None
    """The brand's own code or name of the tier; None, or one that the program does not have: the entry tier."""
    details: CardDetails = NOTHING_TOLD
    """What the brand wants to hear again whenever the card is spoken of."""


@dataclass(frozen=True, slots=True)
class NumberUnusable(Refusal):
    """The text cannot be a member number."""


@dataclass(frozen=True, slots=True)
class CardTaken(Refusal):
    """The card is in another wallet already. If it is yours, the brand can help."""


CardRefusal: TypeAlias = NumberUnusable | CardTaken


async def link_card(
    database: Database, keys: MemberKeys, member_id: UUID, card: Card, *, outbox: Outbox = SILENT
) -> Membership | CardRefusal:
    """Put the card into the member's wallet; again, it changes nothing but a tier that is another one now."""
    number = normal_number(card.number)
    if number is None:
        return NumberUnusable()
    source = f"program:{card.program.code}"
    record = SourceRecord(keys.record_id(source, number), source, Profile("", ()))
    async with database.transaction() as connection:
        await lock_identities(connection)
        known = (await memberships_by_id(connection, [record.id])).get(record.id)
        owner = await _owner(connection, member_id)
        if known is not None and not await _is_free(connection, known, owner):
            return CardTaken()
        tier = _tier(card)
        if known is None:
            await _write(connection, database, keys, record, Card(card.program, number, tier))
        else:
            await _renew(connection, database, known, tier, outbox)
        if known is None or known.member_id != owner:
            await _decide(connection, database, owner, record.id, Verdict.SAME)
        await keep_link(connection, keys, record.id, card.details, database.clock.now())
        return (await memberships_by_id(connection, [record.id]))[record.id]


async def unlink_card(database: Database, membership: Membership) -> None:
    """Close the card and take it out of the wallet, unless other evidence ties it to its member."""
    async with database.transaction() as connection:
        await lock_identities(connection)
        await connection.execute(_CLOSE, membership.id)
        await forget_links(connection, [membership.id])
        for row in await connection.fetch(_LINKS, membership.id):
            await _decide(connection, database, row["left_id"], row["right_id"], Verdict.OPEN)


async def _owner(connection: Connection, member_id: UUID) -> UUID:
    """The member as named now: an id given out before a merge counts too."""
    found = await members_of(connection, [member_id])
    return found[member_id].id


async def _is_free(connection: Connection, known: Membership, owner: UUID) -> bool:
    """Whether a known card may come into the wallet: it is there, or nobody but the card itself stands behind it."""
    if known.status is MembershipStatus.ERASED:
        return False
    return known.member_id == owner or await connection.fetchval(_COMPANY, known.member_id) == 1


async def _write(
    connection: Connection, database: Database, keys: MemberKeys, record: SourceRecord, card: Card
) -> None:
    now = database.clock.now()
    await write_records(connection, keys, [record], now)
    today = now.astimezone(ZoneInfo(card.program.time_zone)).date()
    digest = keys.digest("linked", card.number)
    await connection.execute(_WRITE, record.id, card.program.id, card.number, card.tier, today, digest)


async def _renew(connection: Connection, database: Database, known: Membership, tier: str, outbox: Outbox) -> None:
    await connection.execute(_RENEW, known.id, tier)
    if tier != known.tier:
        change = TierChange(known.id, known.program_id, known.number, known.tier, tier, database.clock.now())
        await outbox.tiered(connection, [change])


async def _decide(
    connection: Connection, database: Database, member_id: UUID, record_id: UUID, verdict: Verdict
) -> None:
    """The member's own word, with the brand's behind it, on whose card it is."""
    if member_id == record_id:
        return
    now = database.clock.now()
    said = verdict.value, "member", "card linked" if verdict is Verdict.SAME else "card unlinked"
    await connection.execute(_VERDICT, new_id(), *pair(member_id, record_id), *said, now)
    await decide_anew(connection, now, records=(member_id, record_id))


def _tier(card: Card) -> str:
    found = card.program.tier_named(card.tier) if card.tier else None
    return (found or card.program.entry_tier).code
