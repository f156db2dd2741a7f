"""What is behind exchanges' and movements' postings as a relation, for other packages' set-based SQL."""

from typing import Final

from brands import OPERATOR_ID
from core.codes import Code

POINTS_ORIGINS: Final = """
SELECT id AS reference, source_program_id AS program_id, source_membership_id AS membership_id,
    '' AS brand_reference, false AS gains
FROM exchange_exchange
UNION ALL
SELECT id, target_program_id, target_membership_id, '', true FROM exchange_exchange
UNION ALL
SELECT id, program_id, membership_id, idempotency_key, NULL FROM exchange_movement
UNION ALL
SELECT reversal.id, source_program_id, source_membership_id, '', true
FROM exchange_reversal AS reversal JOIN exchange_exchange AS reversed ON reversed.id = exchange_id
UNION ALL
SELECT reversal.id, target_program_id, target_membership_id, '', false
FROM exchange_reversal AS reversal JOIN exchange_exchange AS reversed ON reversed.id = exchange_id
"""
"""Whose points of which program a reference moved: (reference, program_id, membership_id, brand_reference, gains).

`gains` is null where nothing moves between participants.
"""

POSITION_ENDS: Final = """
SELECT id AS reference, source_participant_id, target_participant_id,
    source_program_id, source_amount, target_program_id, target_amount
FROM exchange_exchange
"""
"""Between whom an exchange is, and what became what: points in minor units."""

BEGUN: Final = """
SELECT id AS reference, accepted_at AS begun_at FROM exchange_exchange
UNION ALL
SELECT id, requested_at FROM exchange_reversal
"""
"""Since when exchanges and their reversals are there: (reference, begun_at); nothing is posted for them before."""

POSITION_LEGS: Final = f"""
SELECT exchange.id AS reference, leg.participant_id, leg.code, leg.amount
FROM exchange_exchange AS exchange
CROSS JOIN LATERAL (VALUES
    (exchange.source_participant_id, {Code.POSITION_DEBIT:d}, -exchange.value_micro),
    (exchange.target_participant_id, {Code.POSITION_CREDIT:d}, exchange.credit_micro),
    ('{OPERATOR_ID}'::uuid, {Code.FEE:d}, exchange.fee_micro),
    ('{OPERATOR_ID}'::uuid, {Code.ROUNDING:d}, exchange.rounding_micro)
) AS leg (participant_id, code, amount)
"""
"""What an exchange that came to its end puts into positions, in micro-CNY, credits positive."""

LATE_SUCCESSES: Final = """
SELECT late.exchange_id, late.found_at, errand.program_id, errand.role, matter.id AS case_id, matter.due_at,
    CASE errand.role WHEN 'DEBIT' THEN 'given back' WHEN 'TAKE_BACK' THEN coalesce(matter.closed_as, 'taken back')
        ELSE matter.closed_as END AS closed_as,
    CASE errand.role WHEN 'DEBIT' THEN refund.outcome IS NULL
        WHEN 'TAKE_BACK' THEN matter.id IS NOT NULL AND matter.closed_at IS NULL
        ELSE matter.closed_at IS NULL END AS open,
    CASE errand.role WHEN 'DEBIT' THEN source_membership_id ELSE target_membership_id END AS membership_id,
    CASE errand.role WHEN 'DEBIT' THEN -source_amount WHEN 'CREDIT' THEN target_amount ELSE 0 END AS amount,
    CASE errand.role WHEN 'DEBIT' THEN -value_micro WHEN 'CREDIT' THEN credit_micro ELSE -credit_micro END
        AS worth_micro
FROM exchange_late_success AS late
JOIN exchange_exchange AS undone ON undone.id = late.exchange_id
JOIN exchange_errand AS errand ON errand.id = late.errand_id
LEFT JOIN exchange_case AS matter ON matter.errand_id = late.errand_id AND matter.kind = 'LATE_SUCCESS'
LEFT JOIN exchange_errand AS refund ON refund.exchange_id = late.exchange_id AND refund.role = 'REFUND'
    AND errand.role = 'DEBIT'
"""
"""What brands did after the exchange had come to nothing, and its case: `open` until it is settled, then `closed_as`.

`amount` is the points that were posted, as the member sees them, at `found_at`; zero: none were. `worth_micro` is what
the program's participant gains by it.
"""

ASKED: Final = "SELECT exchange_id FROM exchange_errand WHERE due_at IS NOT NULL"
"""The exchanges about which a brand is still asked: (exchange_id); name them."""
