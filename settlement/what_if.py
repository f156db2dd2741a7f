"""What a window would pay under other terms, or without some of its participants. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias
from uuid import UUID

from brands import OPERATOR_CODE, OPERATOR_ID
from core.database import Connection, Database
from settlement.cash.errors import UnknownParticipant
from settlement.counting import brought_into, pair_lines
from settlement.errors import WindowNotFound
from settlement.figures import Position, payments_of
from settlement.netting import Payment
from settlement.obligations import Obligation, obligations
from settlement.participants import codes
from settlement.positions import closings_at, closings_now, divided, owing, position_accounts
from settlement.records import openings_into, outstanding
from settlement.terms import Netting, Terms
from settlement.windows import Window, find

WhatIfRefusal: TypeAlias = WindowNotFound | UnknownParticipant


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a window would come to."""

    window: Window
    terms: Terms
    left_out: tuple[str, ...]
    """The codes of the participants that are left out."""
    positions: tuple[Position, ...]
    """Without their subtotals."""
    obligations: tuple[Obligation, ...]
    """Between each two with lines; netted multilaterally, all of each is set off and nothing is paid between two."""
    payments: tuple[Payment, ...]

    @property
    def total_fen(self) -> int:
        """All the money that would move."""
        return sum(payment.amount_fen for payment in self.payments)


async def what_if(
    database: Database, window_id: UUID, *, terms: Terms | None = None, without: Sequence[str] = ()
) -> WhatIf | WhatIfRefusal:
    """The window under `terms` (its own when None), as if nobody had traded with those `without` (codes).

    An open window is taken as it is now. Every line of the window is read.
    """
    async with (
        database.connection() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        window = await find(connection, window_id)
        if window is None:
            return WindowNotFound(str(window_id))
        ids = {code: who for who, code in (await codes(connection)).items()}
        unknown = next((code for code in without if code not in ids or code == OPERATOR_CODE), None)
        if unknown is not None:
            return UnknownParticipant(unknown)
        left_out = {ids[code] for code in without}
        return await _look(connection, window, terms or window.terms, left_out, tuple(sorted(set(without))))


async def _look(
    connection: Connection, window: Window, terms: Terms, left_out: set[UUID], named: tuple[str, ...]
) -> WhatIf:
    openings = await openings_into(connection, window)
    everybody = openings.keys() | {it.owner for it in await position_accounts(connection, window.model)}
    closings, _ = await (
        closings_now(connection, window, everybody, await outstanding(connection, window))
        if window.cut_off_at is None
        else closings_at(connection, window, everybody, window.cut_off_at)
    )
    staying = sorted(everybody - left_out)
    brought = await brought_into(connection, window, staying, left_out)
    read = await pair_lines(connection, window, staying, left_out)
    skipped = brought.plus(read).left_out
    asked = terms if terms.netting is not Netting.MULTILATERAL else Terms(Netting.GROSS)
    found = obligations(brought.lines, read.lines, asked)
    rest = {who: closings[who] - skipped.get(who, 0) for who in staying}
    positions = (
        divided(openings, rest, -sum(rest.values()))
        if terms.netting is Netting.MULTILATERAL
        else owing(openings, rest, found)
    )
    paid = tuple(payments_of(positions, OPERATOR_ID, terms, found))
    if terms.netting is Netting.MULTILATERAL:
        found = [_all_set_off(it) for it in found]
    told = tuple(it for it in found if it.opening or it.lines or it.set_off)
    return WhatIf(window, terms, named, tuple(positions), told, paid)


def _all_set_off(it: Obligation) -> Obligation:
    """What multilateral netting makes of what one owes another: nothing of it is paid between the two."""
    return replace(it, set_off=it.opening + it.lines, settled=0, carried=0)
