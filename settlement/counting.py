"""What the lines of a window come to, counted from the ledger's transfers."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from brands import OPERATOR_ID
from core.codes import Code
from core.database import Connection
from ledger import turnover
from settlement.crossing import begun_until, settled_whole_until
from settlement.figures import Position, Subtotal
from settlement.lines import Explained, PositionLine, explained_lines
from settlement.obligations import Obligation, Pair, obligations
from settlement.origins import Ends
from settlement.postings import position_account_id
from settlement.records import obligations_into
from settlement.steps import Status
from settlement.windows import Window, previous

_Key = TypeVar("_Key")

_AFTER_THE_REFUND: Final = frozenset({Code.POSITION_LATE, Code.POSITION_REVERSAL})
"""In the position of the creditor or of the operator; in its debtor's own, a reversal is a leg that is not counted."""


async def counted(connection: Connection, window: Window, positions: Iterable[Position]) -> list[Position]:
    """The positions with the subtotals of their lines. Netting is not a line: it settles what other lines left."""
    found = list(positions)
    subtotals = await _subtotals(connection, window, [position.participant_id for position in found])
    return [replace(position, subtotals=tuple(subtotals[position.participant_id])) for position in found]


async def counted_obligations(connection: Connection, window: Window, participants: Iterable[UUID]) -> list[Obligation]:
    """What each owes each other for the window, from its lines and from what the window before left."""
    everybody = list(participants)
    brought = await brought_into(connection, window, everybody)
    found = await pair_lines(connection, window, everybody)
    return obligations(brought.lines, found.lines, window.terms)


@dataclass(frozen=True, slots=True)
class PairLines:
    """What a window's lines add to what each owes each other, in micro-CNY."""

    lines: dict[Pair, int]
    left_out: dict[UUID, int]
    """What the lines that were not looked at move in each position; credits positive."""

    def plus(self, other: "PairLines") -> "PairLines":
        """Both together."""
        return PairLines(_sum(self.lines, other.lines), _sum(self.left_out, other.left_out))


async def brought_into(
    connection: Connection, window: Window, participants: Sequence[UUID], without: AbstractSet[UUID] = frozenset()
) -> PairLines:
    """What each owes each other before the window's first line, `without` as for `pair_lines`.

    All of what aborted windows left, however those were to be netted: a multilateral one keeps no obligations, so its
    lines are added up again.
    """
    before = await previous(connection, window)
    if before is None or before.status is not Status.ABORTED:
        left = await obligations_into(connection, window)
        return PairLines({pair: it for pair, it in left.items() if not without & {*pair}}, {})
    brought = await brought_into(connection, before, participants, without)
    return brought.plus(await pair_lines(connection, before, participants, without))


async def pair_lines(
    connection: Connection, window: Window, participants: Iterable[UUID], without: AbstractSet[UUID] = frozenset()
) -> PairLines:
    """Add up the lines, except those of anything that one of `without` has part in.

    Lines are counted where they arrive, not at the debtor: what has left the debtor for an exchange that is not
    finished is owed to nobody yet and stays in its position, or was settled with all else (see `crossing`).
    """
    found, everybody = PairLines({}, {}), list(participants)
    instant = await settled_whole_until(connection, window)
    for who in everybody:
        async for batch in explained_lines(connection, window, who):
            paid = await _paid_for(connection, window, everybody, batch, instant)
            for explained in batch:
                _add(found, who, explained, without, paid)
    return found


async def _paid_for(
    connection: Connection,
    window: Window,
    everybody: Sequence[UUID],
    batch: Iterable[Explained],
    instant: datetime | None,
) -> frozenset[UUID]:
    """What of the batch the debtors have paid with a window that ended at the instant, or before."""
    if instant is None:
        return frozenset()
    references = {it.line.reference for it in batch if it.line.reference}
    return await begun_until(connection, window, everybody, references, instant)


def _sum(one: Mapping[_Key, int], other: Mapping[_Key, int]) -> dict[_Key, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in one.keys() | other.keys()}


def _add(
    found: PairLines, who: UUID, explained: Explained, without: AbstractSet[UUID], paid: AbstractSet[UUID]
) -> None:
    origin, posted = explained.origin, explained.line.posted
    if origin and without & {origin.debtor_id, origin.creditor_id}:
        found.left_out[who] = found.left_out.get(who, 0) + posted
        return
    debtor = origin and _debtor(who, explained.line, origin, paid)
    if debtor and debtor != who:
        found.lines[debtor, who] = found.lines.get((debtor, who), 0) + posted


def _debtor(who: UUID, line: PositionLine, origin: Ends, paid: AbstractSet[UUID]) -> UUID:
    """Who owes it: not whoever has paid for it, or got everything back before it was given late (or taken back)."""
    late = line.code in _AFTER_THE_REFUND and who != origin.debtor_id
    return OPERATOR_ID if late or line.reference in paid else origin.debtor_id


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
