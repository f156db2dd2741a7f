"""How cards are spoken of to their own brands: by number, and by name and token where a brand's mapping uses them."""

from collections.abc import Collection
from uuid import UUID

from brands import Program
from core.database import Connection
from exchange.brand_system import MemberReference
from members import CardDetails, MemberKeys, Membership, card_details


async def member_references(
    connection: Connection, keys: MemberKeys | None, cards: Collection[tuple[Membership, Program]]
) -> dict[UUID, MemberReference]:
    """By membership. Names and tokens are opened only for programs whose mapping uses them, and only with `keys`."""
    programs = {program.id: program for _, program in cards}
    named = {key for key, program in programs.items() if program.adapter.tells_more_than_numbers}
    asked = {card.id for card, program in cards if program.id in named}
    told = await card_details(connection, keys, asked) if asked and keys is not None else {}
    return {card.id: _reference(card, told.get(card.id, CardDetails())) for card, _ in cards}


def _reference(card: Membership, details: CardDetails) -> MemberReference:
    return MemberReference(card.number, details.name, details.token)
