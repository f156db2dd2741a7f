"""What must always be true of exchanges with brands' own systems; run by `ledger.audit`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from brands import Directory, directory, models_of
from core.codes import Code
from core.database import Connection
from exchange.exchange_rows import exchanges_by_id, exchanges_in_steps
from exchange.exchanges import Exchange
from exchange.saga.errands import Role
from exchange.saga.postings import Group, Posting, SagaBooks
from exchange.saga.reversal_rows import exchanges_of_reversals, reversals_of
from exchange.saga.reversals import NOT_TRIED, Reversal, ReversalState
from exchange.states import FINISHED, NEXT, State
from ledger.audit import AuditCheck, Books, Expected, Finding, Span, SqlCheck
from ledger.audit.span import by_transaction

_GROUPS: Final = {
    State.HELD: Group.HELD,
    State.SOURCE_REJECTED: Group.RELEASED,
    State.SOURCE_DEBITED: Group.DEBITED,
    State.COMPLETED: Group.CREDITED,
    State.REFUNDED: Group.REFUNDED,
}
"""What is posted when an exchange comes into a state."""

_SAGA_CODES: Final = tuple(
    map(
        int,
        (
            Code.EXCHANGE_HOLD,
            Code.EXCHANGE_RELEASE,
            Code.EXCHANGE_REFUND,
            Code.EXCHANGE_LATE,
            Code.POSITION_REFUND,
            Code.POSITION_REVERSAL,
            Code.FEE_REVERSAL,
            Code.POSITION_LATE,
        ),
    )
)

_HISTORY: Final = """
SELECT exchange_id, state, recorded_at FROM exchange_history
WHERE exchange_id = ANY($1::uuid[]) ORDER BY exchange_id, sequence
"""

_LATE: Final = """
SELECT late.exchange_id, errand.role, errand.sequence, late.found_at, refund.outcome AS refunded,
    cases.closed_as, cases.closed_at
FROM exchange_late_success AS late
JOIN exchange_errand AS errand ON errand.id = late.errand_id
LEFT JOIN exchange_errand AS refund ON refund.exchange_id = late.exchange_id AND refund.role = 'REFUND'
LEFT JOIN exchange_case AS cases ON cases.errand_id = late.errand_id AND cases.kind = 'LATE_SUCCESS'
    AND cases.closed_at IS NOT NULL
WHERE late.exchange_id = ANY($1::uuid[])
"""


@dataclass(slots=True)
class _Facts:
    """What the records of this package say about some exchanges."""

    history: dict[UUID, list[tuple[State, datetime]]]
    reversals: Mapping[UUID, Sequence[Reversal]]
    late: dict[UUID, list[tuple[Group, datetime | None]]]
    taken_late: set[tuple[UUID, int]]
    """Reversals whose points were taken back after they had been given up: exchange and number."""


async def expected_transfers(connection: Connection, known: Directory, exchanges: Sequence[Exchange]) -> list[Expected]:
    """Every transfer that the exchanges' own records call for."""
    facts = await _facts(connection, [exchange.id for exchange in exchanges])
    books = SagaBooks(known, await models_of(connection, [exchange.id for exchange in exchanges]))
    return [
        (transfer, at)
        for exchange in exchanges
        for posting, at in _postings(exchange, facts)
        for transfer in books.transfers(posting)
    ]


def _postings(exchange: Exchange, facts: _Facts) -> Iterator[tuple[Posting, datetime | None]]:
    history = facts.history.get(exchange.id, [])
    at_once = not any(state is State.HELD for state, _ in history)
    if not at_once:
        for state, at in history:
            if group := _GROUPS.get(state):
                yield Posting(exchange, group), at
    for group, late_at in facts.late.get(exchange.id, []):
        yield Posting(exchange, group), late_at
    for reversal in facts.reversals.get(exchange.id, []):
        taken_late = (exchange.id, reversal.part.sequence) in facts.taken_late
        for group, at_ in _reversal_groups(reversal, taken_late=taken_late):
            yield Posting(exchange, group, reversal.part, at_once), at_


def _reversal_groups(reversal: Reversal, *, taken_late: bool) -> Iterator[tuple[Group, datetime | None]]:
    if reversal.failure == NOT_TRIED or reversal.state in {ReversalState.PROPOSED, ReversalState.REJECTED}:
        return
    yield Group.TAKING_BACK, None
    if reversal.state is ReversalState.REFUSED or taken_late:
        yield Group.NOT_TAKEN_BACK, None
    if reversal.state in {ReversalState.TAKEN, ReversalState.DONE}:
        yield Group.TAKEN_LATE if taken_late else Group.TAKEN_BACK, None
    if reversal.state is ReversalState.DONE:
        yield Group.GIVEN_BACK, reversal.ended_at


async def _facts(connection: Connection, ids: Sequence[UUID]) -> _Facts:
    facts = _Facts({}, await reversals_of(connection, ids), {}, set())
    for row in await connection.fetch(_HISTORY, ids):
        facts.history.setdefault(row["exchange_id"], []).append((State(row["state"]), row["recorded_at"]))
    for row in await connection.fetch(_LATE, ids):
        facts.late.setdefault(row["exchange_id"], []).extend(_late_groups(row))
        if row["role"] == Role.TAKE_BACK:
            facts.taken_late.add((row["exchange_id"], row["sequence"]))
    return facts


def _late_groups(row: asyncpg.Record) -> Iterator[tuple[Group, datetime | None]]:
    found_at: datetime = row["found_at"]
    if row["role"] == "DEBIT":
        yield Group.LATE_DEBIT, found_at
        if row["refunded"] == "DONE":
            yield Group.LATE_DEBIT_UNDONE, None
    elif row["role"] == "CREDIT":
        yield Group.LATE, found_at
        if row["closed_as"] in {Group.LATE_TAKEN.value, Group.LATE_LOST.value}:
            yield Group(str(row["closed_as"])), None


class SagaTransfers:
    """Exchanges in steps, and all their legs."""

    name = "saga-legs"
    table = "exchange_exchange"
    key = "id"

    async def expected(self, connection: Connection, span: Span) -> Sequence[Expected]:
        """Of every exchange in steps."""
        found = await exchanges_in_steps(connection, *span)
        return await expected_transfers(connection, await directory(connection), found)


class NothingElse:
    """No transfer names an exchange in steps, or a reversal, that its records do not call for."""

    name = "saga-groups"

    async def spans(self, connection: Connection, books: Books) -> Sequence[Span]:
        """By the transactions of the ledger."""
        del connection
        return by_transaction(books)

    async def look(self, connection: Connection, span: Span) -> Sequence[Finding]:
        """The first transfers that nobody called for."""
        rows = await connection.fetch(_TRANSFERS, *span, _SAGA_CODES)
        known = await directory(connection)
        references = {row["reference"] for row in rows if row["reference"]}
        reversed_ids = await exchanges_of_reversals(connection, references)
        found = await exchanges_by_id(connection, references | reversed_ids)
        called_for = {one.id for one, _ in await expected_transfers(connection, known, list(found.values()))}
        return [
            Finding(self.name, "ledger_transfer", str(row["id"]), "*", None, str(row["amount"]))
            for row in rows
            if row["id"] not in called_for
        ][:20]


_TRANSFERS: Final = f"""
SELECT transfer.id, transfer.reference, transfer.amount FROM ledger_transfer AS transfer
WHERE transfer.xact > $1::text::xid8 AND transfer.xact <= $2::text::xid8
    AND (transfer.code = ANY($3::int[]) OR transfer.code BETWEEN {Code.EXCHANGE_DEBIT:d} AND {Code.ROUNDING:d}
        AND EXISTS (SELECT FROM exchange_errand AS errand WHERE errand.exchange_id = transfer.reference
            AND errand.role IN ('DEBIT', 'CREDIT') AND errand.sequence = 0))
ORDER BY transfer.id
"""

_FINISHED: Final = ", ".join(f"'{state}'" for state in sorted(FINISHED))
_LEGAL: Final = ", ".join(f"('{before}', '{after}')" for before in sorted(NEXT) for after in sorted(NEXT[before]))

LIFE: Final = SqlCheck(
    "exchange-life",
    f"""
SELECT 'exchange_history', step.id::text, 'state', step.before, step.state
FROM (
    SELECT id, exchange_id, sequence, state,
        coalesce(lag(state) OVER (PARTITION BY exchange_id ORDER BY sequence), '{State.QUOTED}') AS before
    FROM exchange_history
) AS step
WHERE (step.before, step.state) NOT IN ({_LEGAL})
ORDER BY step.exchange_id, step.sequence
""",
)
"""Every step of every life is one that the life cycle knows."""

TIMERS: Final = SqlCheck(
    "exchange-timers",
    f"""
SELECT 'exchange_exchange', exchange.id::text, 'timer and owner', 'an errand or a case', exchange.state
FROM exchange_exchange AS exchange
LEFT JOIN exchange_reversal AS reversal ON reversal.exchange_id = exchange.id AND reversal.state IN ('OPEN', 'TAKEN')
WHERE (exchange.state NOT IN ({_FINISHED}) OR reversal.id IS NOT NULL)
    AND NOT EXISTS (SELECT FROM exchange_errand AS errand WHERE errand.exchange_id = exchange.id
        AND errand.outcome IS NULL AND errand.due_at IS NOT NULL)
    AND NOT EXISTS (SELECT FROM exchange_case AS cases WHERE cases.exchange_id = exchange.id
        AND cases.closed_at IS NULL)
ORDER BY exchange.id
""",
)
"""Nothing is held without a timer, or a case with an owner and a due time."""

IN_FLIGHT: Final = SqlCheck(
    "exchange-in-flight",
    f"""
SELECT 'ledger_account', 'exchange_clearing', 'net credit', expected::text, found::text
FROM (SELECT coalesce((
    SELECT sum(value_micro) FROM exchange_exchange AS exchange
    WHERE state NOT IN ({_FINISHED}) AND EXISTS (SELECT FROM exchange_history AS history
        WHERE history.exchange_id = exchange.id AND history.state = '{State.SOURCE_DEBITED}')
), 0) + coalesce((SELECT sum(credit_micro) FROM exchange_reversal WHERE state = 'TAKEN'), 0) AS expected) AS records
CROSS JOIN (
    SELECT coalesce(sum(credits_posted - debits_posted), 0) AS found
    FROM ledger_account WHERE purpose = 'exchange_clearing' OR purpose LIKE 'exchange_clearing:%'
) AS books
WHERE expected <> found
""",
)
"""The exchange clearing holds exactly what unfinished exchanges and reversals have put there."""

HELD: Final = SqlCheck(
    "exchange-held",
    """
SELECT 'ledger_account', account.id::text, 'net credit', coalesce(records.amount, 0)::text,
    (account.credits_posted - account.debits_posted)::text
FROM ledger_account AS account
LEFT JOIN (
    SELECT source_program_id, sum(source_amount) AS amount FROM exchange_exchange AS exchange
    WHERE state IN ('HELD', 'SOURCE_DEBITING', 'SOURCE_UNKNOWN') OR state = 'MANUAL' AND NOT EXISTS (
        SELECT FROM exchange_history AS history
        WHERE history.exchange_id = exchange.id AND history.state = 'SOURCE_DEBITED')
    GROUP BY source_program_id
) AS records ON records.source_program_id = account.owner
WHERE account.purpose = 'held' AND account.credits_posted - account.debits_posted <> coalesce(records.amount, 0)
ORDER BY account.id
""",
)
"""What a program holds is what its exchanges wait for."""

EVIDENCE: Final = SqlCheck(
    "exchange-evidence",
    """
SELECT 'exchange_errand', errand.id::text, cell.name, cell.expected, cell.found
FROM exchange_errand AS errand
CROSS JOIN LATERAL (
    SELECT count(*) AS calls, bool_or(answer.answer = 'DONE') AS done
    FROM exchange_call AS call LEFT JOIN exchange_answer AS answer ON answer.call_id = call.id
    WHERE call.errand_id = errand.id
) AS made
CROSS JOIN LATERAL (VALUES
    ('attempts', made.calls::text, errand.attempts::text),
    ('outcome', 'an answer or two persons', CASE
        WHEN errand.outcome IS DISTINCT FROM 'DONE' OR coalesce(made.done, false) OR EXISTS (
            SELECT FROM exchange_case AS cases JOIN exchange_case_decision AS decision ON decision.case_id = cases.id
            WHERE cases.errand_id = errand.id AND decision.decision = 'APPROVED')
        THEN 'an answer or two persons' ELSE errand.outcome END)
) AS cell (name, expected, found)
WHERE cell.expected IS DISTINCT FROM cell.found
ORDER BY errand.id, cell.name
""",
)
"""Every call is written down, and nothing is done without the brand's own word, or that of two persons."""

CHECKS: Final[Sequence[AuditCheck]] = (NothingElse(), LIFE, TIMERS, HELD, IN_FLIGHT, EVIDENCE)
"""In the order in which findings are reported."""
