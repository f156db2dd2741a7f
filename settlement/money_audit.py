"""What the audit looks at on behalf of money: every balance is explained by what persons and banks said."""

from collections.abc import Sequence
from typing import Final

from brands import OPERATOR_ID
from core.codes import Code
from ledger.audit import AuditCheck, SqlCheck

SUSPENSE: Final = SqlCheck(
    "suspense-explained",
    """
SELECT 'ledger_account', 'suspense', 'net', expected::text, coalesce(held.net, 0)::text
FROM (
    SELECT 10000 * coalesce(sum(sign(cash.amount_fen) * (abs(cash.amount_fen) - explained.fen)), 0) AS expected
    FROM settlement_cash AS cash
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(amount_fen), 0) AS fen FROM (
            SELECT amount_fen FROM settlement_allocation WHERE cash_id = cash.id
            UNION ALL SELECT amount_fen FROM settlement_deposit WHERE cash_id = cash.id
            UNION ALL SELECT amount_fen FROM settlement_dispute_end WHERE cash_id = cash.id
            UNION ALL SELECT amount_fen FROM settlement_own WHERE cash_id = cash.id
            UNION ALL SELECT amount_fen FROM settlement_returned WHERE cash.id IN (incoming_id, outgoing_id)
        ) AS found
    ) AS explained
) AS unexplained
LEFT JOIN (
    SELECT sum(credits_posted - debits_posted) AS net FROM ledger_account WHERE purpose = 'suspense'
) AS held ON true
WHERE coalesce(held.net, 0) <> expected
""",
)
"""What lies in suspense is the movements that nobody has explained."""

DISPUTED: Final = SqlCheck(
    "disputed-explained",
    """
SELECT 'ledger_account', 'disputed ' || coalesce(held.owner, open.participant_id)::text, 'net',
    coalesce(open.expected, 0)::text, coalesce(held.net, 0)::text
FROM (
    SELECT owner, debits_posted - credits_posted AS net FROM ledger_account WHERE purpose = 'disputed'
) AS held
FULL JOIN (
    SELECT participant_id, 10000 * sum(amount_fen - coalesce(ended.fen, 0)) AS expected
    FROM settlement_dispute AS it
    LEFT JOIN (
        SELECT dispute_id, sum(amount_fen) AS fen FROM settlement_dispute_end GROUP BY dispute_id
    ) AS ended ON ended.dispute_id = it.id
    GROUP BY participant_id
) AS open ON open.participant_id = held.owner
WHERE coalesce(held.net, 0) <> coalesce(open.expected, 0)
ORDER BY 2
""",
)
"""What is disputed is the disputes that have not ended."""

GIVEN_UP: Final = SqlCheck(
    "given-up-explained",
    f"""
SELECT 'ledger_account', 'write_off', 'net', expected::text, coalesce(held.net, 0)::text
FROM (
    SELECT 10000 * (
        coalesce((SELECT sum(CASE WHEN payee_id = '{OPERATOR_ID}' THEN given.amount_fen ELSE -given.amount_fen END)
            FROM settlement_allocation AS given JOIN settlement_payment AS payment ON payment.id = given.payment_id
            WHERE rule = 'TOLERANCE'), 0)
        - coalesce((SELECT sum(sign(cash.amount_fen) * own.amount_fen) FROM settlement_own AS own
            JOIN settlement_cash AS cash ON cash.id = own.cash_id WHERE purpose = 'DIFFERENCE'), 0)
        + coalesce((SELECT sum(amount_fen) FROM settlement_dispute_end WHERE outcome = 'WRITTEN_OFF'), 0)
    ) AS expected
) AS decided
LEFT JOIN (
    SELECT sum(debits_posted - credits_posted) AS net FROM ledger_account WHERE purpose = 'write_off'
) AS held ON true
WHERE coalesce(held.net, 0) <> expected
""",
)
"""What the operator gave up of what was due, or kept of what was owed, is what two persons decided."""

OWN: Final = SqlCheck(
    "own-movements-explained",
    """
SELECT 'ledger_account', coalesce(held.purpose, decided.purpose), 'net',
    coalesce(decided.expected, 0)::text, coalesce(held.net, 0)::text
FROM (
    SELECT purpose, credits_posted - debits_posted AS net FROM ledger_account
    WHERE purpose IN ('bank_charges', 'bank_interest')
) AS held
FULL JOIN (
    SELECT CASE own.purpose WHEN 'BANK_CHARGE' THEN 'bank_charges' ELSE 'bank_interest' END AS purpose,
        10000 * sum(sign(cash.amount_fen) * own.amount_fen) AS expected
    FROM settlement_own AS own JOIN settlement_cash AS cash ON cash.id = own.cash_id
    WHERE own.purpose IN ('BANK_CHARGE', 'BANK_INTEREST') GROUP BY 1
) AS decided ON decided.purpose = held.purpose
WHERE coalesce(held.net, 0) <> coalesce(decided.expected, 0)
ORDER BY 2
""",
)
"""What the bank charged and paid is what two persons said of its movements."""

WITHDRAWN: Final = SqlCheck(
    "withdrawn-explained",
    """
SELECT 'ledger_account', 'withdrawn ' || coalesce(held.owner, decided.participant_id)::text, 'net',
    coalesce(decided.expected, 0)::text, coalesce(held.net, 0)::text
FROM (
    SELECT owner, credits_posted - debits_posted AS net FROM ledger_account WHERE purpose = 'withdrawn'
) AS held
FULL JOIN (
    SELECT participant_id, 10000 * sum(amount_fen - coalesce(paid.fen, 0)) AS expected
    FROM settlement_withdrawal AS it
    LEFT JOIN (
        SELECT withdrawal_id, sum(amount_fen) AS fen FROM settlement_allocation GROUP BY withdrawal_id
    ) AS paid ON paid.withdrawal_id = it.id
    GROUP BY participant_id
) AS decided ON decided.participant_id = held.owner
WHERE coalesce(held.net, 0) <> coalesce(decided.expected, 0)
ORDER BY 2
""",
)
"""What is to be paid back is what two persons decided, less what the bank has paid."""

DEPOSITS: Final = SqlCheck(
    "deposits-explained",
    """
SELECT 'ledger_account', coalesce(held.purpose, kept.purpose) || ' ' || coalesce(held.owner, kept.owner)::text, 'net',
    coalesce(kept.expected, 0)::text, coalesce(held.net, 0)::text
FROM (
    SELECT owner, purpose, credits_posted - debits_posted AS net FROM ledger_account
    WHERE split_part(purpose, ':', 1) = 'prefund'
) AS held
FULL JOIN (
    SELECT participant_id AS owner, CASE model WHEN 'network' THEN 'prefund' ELSE 'prefund:' || model END AS purpose,
        10000 * sum(amount_fen) AS expected
    FROM settlement_deposit GROUP BY participant_id, model
) AS kept ON kept.owner = held.owner AND kept.purpose = held.purpose
WHERE coalesce(held.net, 0) <> coalesce(kept.expected, 0)
ORDER BY 2
""",
)
"""What participants have deposited is what came in for it, less what was taken for payments."""

ADJUSTMENTS: Final = SqlCheck(
    "adjustments",
    f"""
SELECT 'settlement_adjustment', coalesce(it.id, posted.id)::text, 'amount', it.amount_micro::text, posted.amount::text
FROM settlement_adjustment AS it
FULL JOIN (
    SELECT transfer.id, transfer.amount FROM ledger_transfer AS transfer
    JOIN ledger_account AS debit ON debit.id = transfer.debit_account_id
    WHERE transfer.code = {Code.ADJUSTMENT:d} AND split_part(debit.purpose, ':', 1) = 'position'
) AS posted ON posted.id = it.id
WHERE it.amount_micro IS DISTINCT FROM posted.amount
ORDER BY 2
""",
)
"""Every adjustment between positions was decided on, and stands in the ledger as it was."""

DECISIONS: Final = SqlCheck(
    "two-persons",
    """
SELECT 'settlement_proposal', id::text, 'decided_by', 'another person', decided_by
FROM settlement_proposal WHERE decision = 'APPROVED' AND decided_by = proposed_by
UNION ALL
SELECT made.kind, made.id::text, 'proposal_id', 'approved', proposal.decision
FROM (
    SELECT 'settlement_bank_account' AS kind, id, proposal_id FROM settlement_bank_account
    UNION ALL SELECT 'settlement_allocation', id, proposal_id FROM settlement_allocation WHERE proposal_id IS NOT NULL
    UNION ALL SELECT 'settlement_model', id, proposal_id FROM settlement_model
    UNION ALL SELECT 'settlement_deposit', id, proposal_id FROM settlement_deposit WHERE proposal_id IS NOT NULL
    UNION ALL SELECT 'settlement_dispute', id, proposal_id FROM settlement_dispute
    UNION ALL SELECT 'settlement_dispute_end', id, proposal_id FROM settlement_dispute_end
    UNION ALL SELECT 'settlement_returned', id, proposal_id FROM settlement_returned
    UNION ALL SELECT 'settlement_withdrawal', id, proposal_id FROM settlement_withdrawal
    UNION ALL SELECT 'settlement_own', id, proposal_id FROM settlement_own
    UNION ALL SELECT 'settlement_adjustment', id, proposal_id FROM settlement_adjustment
) AS made
LEFT JOIN settlement_proposal AS proposal ON proposal.id = made.proposal_id
WHERE proposal.decision IS DISTINCT FROM 'APPROVED'
ORDER BY 1, 2
""",
)
"""Everything that needs two persons was approved by a second one."""

MONEY_CHECKS: Final[Sequence[AuditCheck]] = (
    SUSPENSE,
    DISPUTED,
    GIVEN_UP,
    OWN,
    DEPOSITS,
    WITHDRAWN,
    ADJUSTMENTS,
    DECISIONS,
)
"""In the order in which findings are reported."""
