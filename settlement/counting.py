"""What the lines of a window come to, counted from the ledger's transfers."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from uuid import UUID

from core.codes import Code
from core.database import Connection
from ledger import turnover
from settlement.figures import Position, Subtotal
from settlement.lines import Explained, explained_lines
from settlement.obligations import Obligation, Pair, obligations
from settlement.postings import position_account_id
from settlement.records import obligations_into
from settlement.windows import Window


async def counted(connection: Connection, window: Window, positions: Iterable[Position]) -> list[Position]:
    """The positions with the subtotals of their lines. Netting is not a line: it settles what other lines left."""
    found = list(positions)
    subtotals = await _subtotals(connection, window, [position.participant_id for position in found])
    return [replace(position, subtotals=tuple(subtotals[position.participant_id])) for position in found]


async def counted_obligations(connection: Connection, window: Window, participants: Iterable[UUID]) -> list[Obligation]:
    """What each owes each other for the window, from its lines and from what the window before left."""
    found = await pair_lines(connection, window, participants)
    return obligations(await obligations_into(connection, window), found.lines, window.terms)


@dataclass(frozen=True, slots=True)
class PairLines:
    """What a window's lines add to what each owes each other, in micro-CNY."""

    lines: dict[Pair, int]
    left_out: dict[UUID, int]
    """What the lines that were not looked at move in each position; credits positive."""


async def pair_lines(
    connection: Connection, window: Window, participants: Iterable[UUID], without: AbstractSet[UUID] = frozenset()
) -> PairLines:
    """Add up the lines, except those of anything that one of `without` has part in.

    Lines are counted where they arrive, not at the debtor: what has left the debtor for an exchange that is not
    finished is owed to nobody yet and stays in its position.
    """
    found = PairLines({}, {})
    for who in participants:
        async for batch in explained_lines(connection, window, who):
            for explained in batch:
                _add(found, who, explained, without)
    return found


def _add(found: PairLines, who: UUID, explained: Explained, without: AbstractSet[UUID]) -> None:
    origin, posted = explained.origin, explained.line.posted
    if origin and without & {origin.debtor_id, origin.creditor_id}:
        found.left_out[who] = found.left_out.get(who, 0) + posted
    elif origin and origin.debtor_id != who:
        pair = (origin.debtor_id, who)
        found.lines[pair] = found.lines.get(pair, 0) + posted


async def _subtotals(
    connection: Connection, window: Window, participants: Iterable[UUID]
) -> dict[UUID, list[Subtotal]]:
    accounts = {position_account_id(participant, window.model): participant for participant in participants}
    subtotals: dict[UUID, list[Subtotal]] = {participant: [] for participant in accounts.values()}
    for found in await turnover(connection, list(accounts), after=window.after, until=window.cut_off_at):
        if found.code != Code.NETTING:
            subtotals[accounts[found.account_id]].append(
                Subtotal(found.code, found.debits, found.credits, found.transfers)
            )
    return subtotals
