"""What the exchanges of a stretch of time come to in the participants' positions, by their own record."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from brands import NETWORK_MODEL, OPERATOR_ID
from core.codes import Code
from core.database import Connection
from exchange.saga.postings import Group
from exchange.states import State

_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)

_TOTALS: Final = f"""
SELECT leg.participant_id, leg.code, sum(leg.amount)::numeric AS amount
FROM exchange_exchange AS exchange
CROSS JOIN LATERAL (VALUES
    (exchange.source_participant_id, {Code.POSITION_DEBIT:d}, -exchange.value_micro),
    (exchange.target_participant_id, {Code.POSITION_CREDIT:d}, exchange.credit_micro),
    ($3::uuid, {Code.FEE:d}, exchange.fee_micro),
    ($3::uuid, {Code.ROUNDING:d}, exchange.rounding_micro)
) AS leg (participant_id, code, amount)
WHERE exchange.accepted_at > $1 AND exchange.accepted_at <= $2 AND leg.amount <> 0
    AND NOT EXISTS (SELECT FROM exchange_errand AS errand WHERE errand.exchange_id = exchange.id
        AND errand.role IN ('DEBIT', 'CREDIT') AND errand.sequence = 0)
    AND %s
GROUP BY leg.participant_id, leg.code
"""
"""Of exchanges that were posted in one commit."""

_STEPS: Final = f"""
SELECT leg.participant_id, leg.code, sum(leg.amount)::numeric AS amount
FROM exchange_history AS step
JOIN exchange_exchange AS exchange ON exchange.id = step.exchange_id
CROSS JOIN LATERAL (VALUES
    ('{State.SOURCE_DEBITED}', exchange.source_participant_id, {Code.POSITION_DEBIT:d}, -exchange.value_micro),
    ('{State.COMPLETED}', exchange.target_participant_id, {Code.POSITION_CREDIT:d}, exchange.credit_micro),
    ('{State.COMPLETED}', $3::uuid, {Code.FEE:d}, exchange.fee_micro),
    ('{State.COMPLETED}', $3::uuid, {Code.ROUNDING:d}, exchange.rounding_micro),
    ('{State.REFUNDED}', exchange.source_participant_id, {Code.POSITION_REFUND:d}, exchange.value_micro)
) AS leg (state, participant_id, code, amount)
WHERE step.recorded_at > $1 AND step.recorded_at <= $2 AND leg.state = step.state AND leg.amount <> 0
    AND EXISTS (SELECT FROM exchange_errand AS errand WHERE errand.exchange_id = exchange.id
        AND errand.role IN ('DEBIT', 'CREDIT') AND errand.sequence = 0)
    AND %s
GROUP BY leg.participant_id, leg.code
"""
"""Of exchanges with brands' own systems: each step when it was posted."""

_REVERSALS: Final = f"""
SELECT leg.participant_id, leg.code, sum(leg.amount)::numeric AS amount
FROM exchange_reversal AS reversal
JOIN exchange_exchange AS exchange ON exchange.id = reversal.exchange_id
CROSS JOIN LATERAL (VALUES
    (reversal.taken_at, exchange.target_participant_id, {Code.POSITION_REVERSAL:d}, -reversal.credit_micro),
    (reversal.ended_at, exchange.source_participant_id, {Code.POSITION_REFUND:d}, reversal.value_micro),
    (reversal.ended_at, $3::uuid, {Code.FEE_REVERSAL:d}, reversal.credit_micro - reversal.value_micro)
) AS leg (moved_at, participant_id, code, amount)
WHERE reversal.state <> 'REFUSED' AND leg.moved_at > $1 AND leg.moved_at <= $2 AND leg.amount <> 0
    AND %s
GROUP BY leg.participant_id, leg.code
"""

_LATE: Final = f"""
SELECT leg.participant_id, leg.code, sum(leg.amount)::numeric AS amount
FROM exchange_late_success AS late
JOIN exchange_exchange AS exchange ON exchange.id = late.exchange_id
JOIN exchange_errand AS errand ON errand.id = late.errand_id AND errand.role = 'CREDIT'
LEFT JOIN exchange_case AS cases ON cases.errand_id = errand.id AND cases.kind = 'LATE_SUCCESS'
CROSS JOIN LATERAL (VALUES
    (late.found_at, exchange.target_participant_id, {Code.POSITION_LATE:d}, exchange.credit_micro),
    (CASE cases.closed_as WHEN '{Group.LATE_TAKEN}' THEN cases.closed_at END, exchange.target_participant_id,
        {Code.POSITION_REVERSAL:d}, -exchange.credit_micro),
    (CASE cases.closed_as WHEN '{Group.LATE_LOST}' THEN cases.closed_at END, $3::uuid,
        {Code.POSITION_LATE:d}, -exchange.credit_micro)
) AS leg (moved_at, participant_id, code, amount)
WHERE leg.moved_at > $1 AND leg.moved_at <= $2
    AND %s
GROUP BY leg.participant_id, leg.code
"""


_IN_NETWORK: Final = "NOT EXISTS (SELECT FROM brands_settled WHERE reference = exchange.id)"

_IN_MODEL: Final = "EXISTS (SELECT FROM brands_settled WHERE reference = exchange.id AND model = $4)"


async def position_totals(
    connection: Connection, *, after: datetime | None, until: datetime, model: str = NETWORK_MODEL
) -> Mapping[tuple[UUID, int], int]:
    """What exchanges moved in the model's positions later than `after`, up to and including `until`, by their records.

    By participant and code of transfer, in micro-CNY, credits positive. `after` None: from the beginning.
    """
    totals: Counter[tuple[UUID, int]] = Counter()
    apart = [] if model == NETWORK_MODEL else [model]
    for query in (_TOTALS, _STEPS, _REVERSALS, _LATE):
        asked = query % (_IN_MODEL if apart else _IN_NETWORK)
        for row in await connection.fetch(asked, after or _BEGINNING, until, OPERATOR_ID, *apart):
            totals[row["participant_id"], row["code"]] += int(row["amount"])
    return totals
