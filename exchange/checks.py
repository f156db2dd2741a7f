"""What must always be true of exchanges and of the positions they make; run by `ledger.audit`."""

from collections.abc import Sequence
from typing import Final

from core.codes import Code
from exchange.rates import BASIS_POINTS
from exchange.recomputing import Exchanges, Movements
from exchange.saga import checks as saga_checks
from exchange.saga.checks import SagaTransfers
from exchange.states import FINISHED
from exchange.terms_audit import TERMS_CHECKS
from ledger.audit import AuditCheck, SqlCheck, TransfersOf
from ledger.audit.span import by_transaction

_EXCHANGE_CODES: Final = f"{Code.EXCHANGE_DEBIT:d} AND {Code.ROUNDING:d}"
_FINISHED: Final = ", ".join(f"'{state}'" for state in sorted(FINISHED))

GROUPS: Final = SqlCheck(
    "exchange-groups",
    f"""
SELECT 'ledger_transfer', transfer.id::text, cell.name, cell.expected, cell.found
FROM ledger_transfer AS transfer
LEFT JOIN exchange_exchange AS exchange ON exchange.id = transfer.reference
LEFT JOIN exchange_errand AS errand ON errand.exchange_id = exchange.id AND errand.role IN ('DEBIT', 'CREDIT')
    AND errand.sequence = 0
CROSS JOIN LATERAL (VALUES
    ('reference', 'an exchange', CASE WHEN exchange.id IS NULL THEN transfer.reference::text ELSE 'an exchange' END),
    ('group_id', transfer.reference::text, transfer.group_id::text),
    ('group_size', coalesce(4 + (exchange.fee_micro > 0)::int + (exchange.rounding_micro > 0)::int,
        transfer.group_size)::text, transfer.group_size::text)
) AS cell (name, expected, found)
WHERE transfer.xact > $1::text::xid8 AND transfer.xact <= $2::text::xid8
    AND errand.id IS NULL AND transfer.code BETWEEN {_EXCHANGE_CODES} AND cell.expected IS DISTINCT FROM cell.found
ORDER BY transfer.id, cell.name
""",
    by_transaction,
)
"""Every leg belongs to an exchange and stands in its group, and the group has no leg more.

An exchange with a brand's own system has a group for each of its steps, see `exchange.saga.checks`.
"""

RATES: Final = SqlCheck(
    "exchange-rates",
    f"""
SELECT 'exchange_exchange', exchange.id::text, cell.name, cell.expected::text, cell.found::text
FROM exchange_exchange AS exchange
LEFT JOIN brands_rate AS source ON source.id = exchange.source_rate_id AND source.program_id = source_program_id
    AND source.target_id IS NULL
LEFT JOIN brands_rate AS target ON target.id = exchange.target_rate_id AND target.program_id = target_program_id
    AND target.target_id IS NULL
LEFT JOIN brands_rate AS pair ON pair.id = exchange.pair_rate_id AND pair.program_id = source_program_id
    AND pair.target_id = target_program_id
CROSS JOIN LATERAL (
    SELECT source.sell_micro, target.buy_micro, source.fee_bp, source.fee_fixed_micro, source.tier_fees
    WHERE exchange.pair_rate_id IS NULL
    UNION ALL SELECT pair.sell_micro, pair.buy_micro, pair.fee_bp, pair.fee_fixed_micro, pair.tier_fees
    WHERE exchange.pair_rate_id IS NOT NULL
) AS price
CROSS JOIN LATERAL (
    SELECT price.fee_bp::numeric AS bp, price.fee_fixed_micro::numeric AS fixed_micro WHERE source_tier IS NULL
    UNION ALL SELECT (price.tier_fees -> source_tier ->> 'bp')::numeric,
        (price.tier_fees -> source_tier ->> 'fixed_micro')::numeric
    WHERE source_tier IS NOT NULL
) AS own
CROSS JOIN LATERAL (SELECT source_amount::numeric * price.sell_micro AS micro) AS value
CROSS JOIN LATERAL (
    SELECT least(div(value.micro * own.bp + {BASIS_POINTS - 1}, {BASIS_POINTS}) + own.fixed_micro, value.micro)
        * (own.bp * 0 + 1) AS micro
) AS fee
CROSS JOIN LATERAL (SELECT div(value.micro - fee.micro, price.buy_micro) AS amount) AS received
CROSS JOIN LATERAL (VALUES
    ('value_micro', value.micro, exchange.value_micro),
    ('fee_micro', fee.micro, exchange.fee_micro),
    ('target_amount', received.amount, exchange.target_amount),
    ('credit_micro', received.amount * price.buy_micro, exchange.credit_micro)
) AS cell (name, expected, found)
WHERE cell.expected IS DISTINCT FROM cell.found
ORDER BY exchange.id, cell.name
""",
)
"""Every exchange is what the rates that it names make of its amount: a rate in use is not rewritten.

`least` would leave out a fee that is not known; the factor keeps it unknown, so that it differs from what was taken.
"""

TIMELINES: Final = SqlCheck(
    "rate-timelines",
    """
SELECT 'brands_rate', one.id::text, 'valid_from', 'not within version ' || other.version, one.valid_from::text
FROM brands_rate AS one JOIN brands_rate AS other ON other.program_id = one.program_id
    AND other.target_id IS NOT DISTINCT FROM one.target_id AND other.version <> one.version
    AND one.valid_from >= other.valid_from AND one.valid_from < coalesce(other.valid_to, 'infinity')
WHERE one.valid_to IS DISTINCT FROM one.valid_from
ORDER BY one.id
""",
)
"""At each instant a program, and a pair, has one price."""

CLEARING: Final = SqlCheck(
    "exchange-clearing",
    f"""
SELECT 'ledger_account', id::text, 'net credit', '0', (credits_posted - debits_posted)::text
FROM ledger_account
WHERE split_part(purpose, ':', 1) = 'exchange_clearing' AND credits_posted <> debits_posted
    AND NOT EXISTS (SELECT FROM exchange_exchange WHERE state NOT IN ({_FINISHED}))
""",
)
"""When every exchange is finished, the exchange clearing holds nothing."""

POSITIONS: Final = SqlCheck(
    "positions",
    """
SELECT 'ledger_asset', asset || ' ' || split_part(purpose, ':', 2), 'positions', '0',
    sum(credits_posted - debits_posted)::text
FROM ledger_account
WHERE split_part(purpose, ':', 1) IN ('position', 'exchange_clearing', 'break_suspense', 'break_disputed')
GROUP BY asset, split_part(purpose, ':', 2) HAVING sum(credits_posted - debits_posted) <> 0
""",
)
"""In each settlement model, positions with the operator's and what is in clearing, suspense and dispute sum to zero."""

ISSUED: Final = SqlCheck(
    "issued",
    """
SELECT 'ledger_asset', asset, 'issued', (-outstanding)::text, issued::text
FROM (
    SELECT account.asset,
        coalesce(sum(credits_posted - debits_posted) FILTER (WHERE purpose = 'issued'), 0) AS issued,
        coalesce(sum(credits_posted - debits_posted) FILTER (WHERE purpose IN ('member', 'mirror', 'held')), 0)
            AS outstanding
    FROM ledger_account AS account JOIN ledger_asset AS asset ON asset.code = account.asset
    WHERE asset.kind = 'points' GROUP BY account.asset
) AS program
WHERE issued <> -outstanding
ORDER BY asset
""",
)
"""What a program has issued is what its members hold and what is held for them."""

HISTORY: Final = SqlCheck(
    "exchange-history",
    """
SELECT 'exchange_exchange', coalesce(exchange.id, history.exchange_id)::text, 'state', history.states[history.steps],
    exchange.state
FROM exchange_exchange AS exchange
FULL JOIN (
    SELECT exchange_id, array_agg(state ORDER BY sequence) AS states, count(*) AS steps, max(sequence) AS last
    FROM exchange_history GROUP BY exchange_id
) AS history ON history.exchange_id = exchange.id
WHERE history.states[history.steps] IS DISTINCT FROM exchange.state OR history.steps IS DISTINCT FROM history.last
ORDER BY 2
""",
)
"""An exchange stands where its history ends, and the history has no gap."""

USAGE: Final = SqlCheck(
    "exchange-usage",
    """
WITH returned AS (
    SELECT exchange_id, sum(source_amount) AS source_amount, sum(target_amount) AS target_amount
    FROM exchange_usage_return GROUP BY exchange_id
), made AS (
    SELECT source_membership_id, target_program_id,
        exchange.source_amount - coalesce(returned.source_amount, 0) AS source_amount,
        exchange.target_amount - coalesce(returned.target_amount, 0) AS target_amount
    FROM exchange_exchange AS exchange LEFT JOIN returned ON returned.exchange_id = exchange.id
), compared AS (
    SELECT 'exchange_usage' AS relation, coalesce(membership_id, source_membership_id) AS id,
        coalesce(amount, 0) AS expected, coalesce(total_amount, 0) AS found
    FROM exchange_usage FULL JOIN (
        SELECT source_membership_id, target_program_id, sum(source_amount) AS amount FROM made
        GROUP BY source_membership_id, target_program_id
    ) AS cards ON source_membership_id = membership_id AND cards.target_program_id = exchange_usage.target_program_id
    UNION ALL
    SELECT 'exchange_issuance', coalesce(program_id, target_program_id), coalesce(amount, 0), coalesce(total_amount, 0)
    FROM exchange_issuance FULL JOIN (
        SELECT target_program_id, sum(target_amount) AS amount FROM made GROUP BY target_program_id
    ) AS programs ON target_program_id = program_id
)
SELECT relation, id::text, 'total_amount', expected::text, found::text
FROM compared WHERE expected <> found ORDER BY relation DESC, id
""",
)
"""What counts for limits is what was exchanged, less what was given back."""

MOVEMENTS: Final = SqlCheck(
    "movements",
    f"""
SELECT 'ledger_transfer', transfer.id::text, '*', NULL, transfer.amount::text
FROM ledger_transfer AS transfer LEFT JOIN exchange_movement AS movement ON movement.id = transfer.id
WHERE transfer.xact > $1::text::xid8 AND transfer.xact <= $2::text::xid8
    AND movement.id IS NULL
    AND (transfer.code IN ({Code.AWARD:d}, {Code.BURN:d}) OR (transfer.code = {Code.REVERSAL:d} AND EXISTS (
        SELECT FROM exchange_movement AS original WHERE original.id = transfer.lots_of
    )))
ORDER BY transfer.id
""",
    by_transaction,
)
"""Every award, every burn and every reversal of such in the ledger is known here."""

BATCHES: Final = SqlCheck(
    "movement-batches",
    """
SELECT 'exchange_batch_row', batch_id::text, 'row ' || number, batch.key || '/' || answered.key,
    movement.idempotency_key
FROM exchange_batch_row AS answered
LEFT JOIN exchange_batch AS batch ON batch.id = answered.batch_id
LEFT JOIN exchange_movement AS movement ON movement.id = answered.movement_id AND movement.client_id = batch.client_id
WHERE movement_id IS NOT NULL AND movement.idempotency_key IS DISTINCT FROM batch.key || '/' || answered.key
ORDER BY batch_id, number
""",
)
"""A row that a batch says is recorded is a movement of its client, under the names of batch and row."""

REVERSALS: Final = SqlCheck(
    "movement-reversals",
    """
SELECT 'exchange_movement', reversal.id::text, cell.name, cell.expected, cell.found
FROM (
    SELECT *, sum(amount) OVER (PARTITION BY reverses_id ORDER BY id) AS so_far
    FROM exchange_movement WHERE reverses_id IS NOT NULL
) AS reversal
LEFT JOIN exchange_movement AS original ON original.id = reversal.reverses_id
CROSS JOIN LATERAL (VALUES
    ('kind', original.kind || '_REVERSAL', reversal.kind),
    ('membership_id', original.membership_id::text, reversal.membership_id::text),
    ('amount', least(so_far, original.amount)::text, so_far::text)
) AS cell (name, expected, found)
WHERE cell.expected IS DISTINCT FROM cell.found
ORDER BY reversal.id, cell.name
""",
)
"""A reversal takes back an award or a burn of the same card, and all of one original's never more than it moved."""

CHECKS: Final[Sequence[AuditCheck]] = (
    TransfersOf(Exchanges()),
    GROUPS,
    RATES,
    TIMELINES,
    TransfersOf(SagaTransfers()),
    *saga_checks.CHECKS,
    TransfersOf(Movements()),
    MOVEMENTS,
    REVERSALS,
    BATCHES,
    HISTORY,
    USAGE,
    *TERMS_CHECKS,
    CLEARING,
    POSITIONS,
    ISSUED,
)
"""In the order in which findings are reported: the nearest to the cause first."""
