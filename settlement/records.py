"""Where the figures of windows are kept. Written once, never changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, replace
from datetime import datetime
from uuid import UUID

from brands import OPERATOR_ID
from core.database import Connection
from core.ids import derive_id, derive_ids
from ledger import Part
from settlement.figures import Figures, Position, Subtotal
from settlement.netting import EVERYBODY, Payment
from settlement.obligations import Obligation, Pair
from settlement.windows import Window


async def keep_positions(
    connection: Connection,
    window: Window,
    positions: Iterable[Position],
    reserved: frozenset[UUID],
    names: Mapping[UUID, str],
) -> None:
    """Write the positions without their subtotals, which are counted later; `reserved`: whose payment is set aside."""
    await connection.execute(_KEEP_POSITIONS, *_position_columns(window, positions, reserved, names))


def positions_part(
    window: Window, positions: Iterable[Position], reserved: frozenset[UUID], names: Mapping[UUID, str]
) -> Part:
    """The same, to be written along with what is set aside."""
    return Part("positions", _POSITIONS_PART, _position_columns(window, positions, reserved, names))


def _position_columns(
    window: Window, positions: Iterable[Position], reserved: frozenset[UUID], names: Mapping[UUID, str]
) -> list[list[object]]:
    found = list(positions)
    ids = derive_ids(window.id, [f"position:{it.participant_id}".encode() for it in found])
    rows = [
        (key, window.id, (who := p.participant_id), names[who], *_amounts(p), who in reserved)
        for key, p in zip(ids, found, strict=True)
    ]
    return list(map(list, zip(*rows, strict=True)))


async def keep_subtotals(connection: Connection, window: Window, positions: Iterable[Position]) -> None:
    """Write what the lines of each kind come to."""
    found = [(p.participant_id, s) for p in positions for s in p.subtotals]
    ids = derive_ids(window.id, [f"subtotal:{who}:{s.code}".encode() for who, s in found])
    rows = [
        (key, window.id, who, s.code, s.debits, s.credits, s.lines) for key, (who, s) in zip(ids, found, strict=True)
    ]
    if rows:
        await connection.execute(_KEEP_SUBTOTALS, *map(list, zip(*rows, strict=True)))


async def keep_payments(connection: Connection, window: Window, payments: Sequence[Payment]) -> None:
    """Write the payments that settle the window."""
    rows = [
        (payment_id(window.id, it), window.id, it.payer_id, it.payee_id, it.amount_fen, it.for_id) for it in payments
    ]
    await connection.executemany(_KEEP_PAYMENT, rows)


def payments_by(window: Window, figures: Figures) -> dict[UUID, list[UUID]]:
    """The payments that participants make, by participant, in the order of their references."""
    found: dict[UUID, list[UUID]] = {}
    for it in sorted(figures.payments, key=lambda it: it.for_id):
        if it.payee_id == OPERATOR_ID:
            found.setdefault(it.payer_id, []).append(payment_id(window.id, it))
    return found


def payment_id(window_id: UUID, payment: Payment) -> UUID:
    """The payment's id, the same whenever it is asked for."""
    alone = "" if payment.for_id == EVERYBODY else f":{payment.for_id}"
    return derive_id(window_id, f"payment:{payment.payer_id}:{payment.payee_id}{alone}")


async def kept_names(connection: Connection, window: Window) -> dict[UUID, str]:
    """What the participants were called at the close."""
    return {row["participant_id"]: row["name"] for row in await connection.fetch(_NAMES, window.id)}


async def openings_into(connection: Connection, window: Window) -> dict[UUID, int]:
    """What each participant brings from the window before: all of it when that was aborted."""
    rows = await connection.fetch(_OPENINGS, window.model, window.sequence)
    return {row["participant_id"]: row["opening"] for row in rows}


async def obligations_into(connection: Connection, window: Window) -> dict[Pair, int]:
    """What the window before, which is not aborted, left of what each owes each other."""
    rows = await connection.fetch(_OBLIGATIONS_INTO, window.model, window.sequence)
    return {(row["debtor_id"], row["creditor_id"]): row["opening"] for row in rows}


async def keep_obligations(connection: Connection, window: Window, found: Iterable[Obligation]) -> None:
    """Write what each owes each other."""
    rows = [(derive_id(window.id, f"owes:{it.debtor_id}:{it.creditor_id}"), window.id, *astuple(it)) for it in found]
    await connection.executemany(_KEEP_OBLIGATION, rows)


async def outstanding(connection: Connection, window: Window) -> dict[UUID, int]:
    """What earlier windows settle for each participant and have not netted: it is still in the position."""
    rows = await connection.fetch(_OUTSTANDING, window.model, window.sequence)
    return {row["participant_id"]: row["settled"] for row in rows}


async def settled_before(connection: Connection, window: Window, instant: datetime) -> dict[tuple[UUID, UUID], int]:
    """What earlier windows settle, by window and participant, unless it was netted long before the instant.

    Aborted windows settle nothing.
    """
    rows = await connection.fetch(_SETTLED_BEFORE, window.model, window.sequence, instant)
    return {(row["window_id"], row["participant_id"]): row["settled"] for row in rows}


async def cash_seen(connection: Connection, window: Window) -> bool:
    """Whether anything has been paid for the window."""
    found: bool = await connection.fetchval(_CASH_SEEN, window.id)
    return found


async def netted_amounts(connection: Connection) -> dict[tuple[UUID, str], int]:
    """What netted windows leave `due` (negative) and `owed` and is not paid, by participant and purpose of account."""
    rows = await connection.fetch(_NETTED, OPERATOR_ID)
    return {(row["participant_id"], row["purpose"]): row["amount"] for row in rows}


async def reserved_participants(connection: Connection, window: Window) -> frozenset[UUID]:
    """The creditors whose payment was set aside at the close."""
    return frozenset(row["participant_id"] for row in await connection.fetch(_RESERVED, window.id))


async def kept_figures(connection: Connection, window: Window) -> Figures:
    """The window's figures as they were written. Its cut-off must be fixed."""
    assert window.cut_off_at is not None, "an open window has no figures"
    subtotals = await _subtotals(connection, window.id)
    bare = await kept_positions(connection, window)
    positions = tuple(replace(it, subtotals=tuple(subtotals.get(it.participant_id, ()))) for it in bare)
    payments = await _payments(connection, window.id)
    owing = tuple(Obligation(*row.values()) for row in await connection.fetch(_OBLIGATIONS, window.id))
    stretch = (window.number, window.after, window.cut_off_at, window.in_flight)
    return Figures(*stretch, positions, payments, window.model, window.terms, owing)


async def kept_positions(connection: Connection, window: Window) -> list[Position]:
    """The window's positions without their subtotals, by participant."""
    rows = await connection.fetch(_POSITIONS, window.id)
    return [Position(row["participant_id"], row["opening"], (), *row[2:]) for row in rows]


def _amounts(position: Position) -> tuple[int, ...]:
    return position.opening, position.closing, position.settled, position.carried, position.both_ways


async def _subtotals(connection: Connection, window_id: UUID) -> dict[UUID, list[Subtotal]]:
    found: dict[UUID, list[Subtotal]] = {}
    for row in await connection.fetch(_SUBTOTALS, window_id):
        subtotal = Subtotal(row["code"], row["debits"], row["credits"], row["lines"])
        found.setdefault(row["participant_id"], []).append(subtotal)
    return found


async def _payments(connection: Connection, window_id: UUID) -> tuple[Payment, ...]:
    rows = await connection.fetch(_PAYMENTS, window_id)
    return tuple(Payment(*row.values()) for row in rows)


_INSERT_POSITIONS = """
INSERT INTO settlement_position (id, window_id, participant_id, name, opening, closing, settled, carried, both_ways,
    reserved)
SELECT * FROM unnest({})
"""

_POSITION_TYPES = ("uuid", "uuid", "uuid", "text", "bigint", "bigint", "bigint", "bigint", "bigint", "boolean")

_POSITIONS_PART = _INSERT_POSITIONS.format(", ".join(f"?::{one}[]" for one in _POSITION_TYPES))

_KEEP_POSITIONS = _INSERT_POSITIONS.format(
    ", ".join(f"${place}::{one}[]" for place, one in enumerate(_POSITION_TYPES, start=1))
)

_KEEP_SUBTOTALS = """
INSERT INTO settlement_subtotal (id, window_id, participant_id, code, debits, credits, lines)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[], $5::bigint[], $6::bigint[], $7::bigint[])
"""

_KEEP_PAYMENT = """
INSERT INTO settlement_payment (id, window_id, payer_id, payee_id, amount_fen, for_id) VALUES ($1, $2, $3, $4, $5, $6)
"""

_POSITIONS = """
SELECT participant_id, opening, closing, settled, carried, both_ways FROM settlement_position
WHERE window_id = $1 ORDER BY participant_id
"""

_OPENINGS = """
SELECT participant_id, CASE status WHEN 'ABORTED' THEN closing ELSE carried END AS opening
FROM settlement_position JOIN settlement_window AS previous ON previous.id = window_id
WHERE model = $1 AND sequence = $2::bigint - 1
"""

_OUTSTANDING = """
SELECT participant_id, sum(settled)::bigint AS settled
FROM settlement_position JOIN settlement_window AS settling ON settling.id = window_id
WHERE model = $1 AND sequence < $2 AND status IN ('CLOSING', 'CLOSED', 'RECONCILED') GROUP BY participant_id
"""

_SETTLED_BEFORE = """
SELECT window_id, participant_id, settled
FROM settlement_position JOIN settlement_window AS settling ON settling.id = window_id
WHERE model = $1 AND sequence < $2 AND status <> 'ABORTED' AND settled <> 0 AND NOT EXISTS (
    SELECT FROM settlement_history AS step
    WHERE step.window_id = settling.id AND step.status = 'NETTED'
        AND step.recorded_at < $3::timestamptz - interval '1 day'
)
"""

# The operator's own part of a settled window needs no payment.
_NETTED = """
SELECT participant_id, purpose, sum(amount)::bigint AS amount
FROM (
    SELECT participant_id, CASE WHEN settled < 0 THEN 'due' ELSE 'owed' END AS purpose, settled AS amount
    FROM settlement_position JOIN settlement_window AS netted ON netted.id = window_id
    WHERE status NOT IN ('OPEN', 'CLOSING', 'CLOSED', 'RECONCILED', 'ABORTED') AND settled <> 0
      AND NOT (status = 'SETTLED' AND participant_id = $1)
    UNION ALL
    SELECT participant_id, purpose, sign * both_ways
    FROM settlement_position JOIN settlement_window AS netted ON netted.id = window_id
    CROSS JOIN (VALUES ('due', -1), ('owed', 1)) AS side (purpose, sign)
    WHERE status NOT IN ('OPEN', 'CLOSING', 'CLOSED', 'RECONCILED', 'ABORTED') AND both_ways <> 0
    UNION ALL
    SELECT CASE WHEN payee_id = $1 THEN payer_id ELSE payee_id END,
           CASE WHEN payee_id = $1 THEN 'due' ELSE 'owed' END,
           CASE WHEN payee_id = $1 THEN 10000 ELSE -10000 END * allocation.amount_fen
    FROM settlement_allocation AS allocation JOIN settlement_payment AS payment ON payment.id = payment_id
) AS moved
GROUP BY participant_id, purpose
"""

_CASH_SEEN = """
SELECT EXISTS (
    SELECT FROM settlement_allocation JOIN settlement_payment AS payment ON payment.id = payment_id
    WHERE payment.window_id = $1
)
"""

_OBLIGATIONS = """
SELECT debtor_id, creditor_id, opening, lines, set_off, settled, carried FROM settlement_obligation
WHERE window_id = $1 ORDER BY debtor_id, creditor_id
"""

_OBLIGATIONS_INTO = """
SELECT debtor_id, creditor_id, carried AS opening
FROM settlement_obligation JOIN settlement_window AS previous ON previous.id = window_id
WHERE model = $1 AND sequence = $2::bigint - 1
"""

_KEEP_OBLIGATION = """
INSERT INTO settlement_obligation
    (id, window_id, debtor_id, creditor_id, opening, lines, set_off, settled, carried)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""

_NAMES = "SELECT participant_id, name FROM settlement_position WHERE window_id = $1"

_RESERVED = "SELECT participant_id FROM settlement_position WHERE window_id = $1 AND reserved"

_SUBTOTALS = """
SELECT participant_id, code, debits, credits, lines FROM settlement_subtotal
WHERE window_id = $1 ORDER BY participant_id, code
"""

_PAYMENTS = """
SELECT payer_id, payee_id, amount_fen, for_id FROM settlement_payment
WHERE window_id = $1 ORDER BY payer_id, payee_id, for_id
"""
