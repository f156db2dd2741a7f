"""What the audit of the books looks at on behalf of reconciliation."""

from typing import Final

from brands import OPERATOR_ID
from core.codes import Code
from ledger.audit import SqlCheck
from settlement.reconciliation.line import MONEY

WRITE_OFFS: Final = SqlCheck(
    "write-offs",
    f"""
SELECT CASE WHEN transfer.id IS NULL THEN 'settlement_write_off' ELSE 'ledger_transfer' END,
    coalesce(transfer.id, written.id)::text, cell.name, cell.expected, cell.found
FROM (SELECT * FROM ledger_transfer WHERE code IN ({Code.WRITE_OFF:d}, {Code.DISPUTE:d})) AS transfer
FULL JOIN settlement_write_off AS written ON written.id = transfer.id
LEFT JOIN settlement_proposal AS proposal
    ON proposal.id = written.proposal_id AND proposal.kind IN ('WRITE_OFF', 'BREAK_DISPUTE', 'BREAK_DISPUTE_END')
LEFT JOIN ledger_account AS credit ON credit.id = transfer.credit_account_id
LEFT JOIN ledger_account AS debit ON debit.id = transfer.debit_account_id
CROSS JOIN LATERAL (VALUES
    ('reference', written.id::text, transfer.reference::text),
    ('amount', abs(written.amount_micro)::text, transfer.amount::text),
    ('participant', written.participant_id::text,
        CASE WHEN written.amount_micro > 0 THEN credit.owner ELSE debit.owner END::text),
    ('accounts', CASE WHEN written.kind = 'WRITE_OFF' THEN 'position, position'
        WHEN (written.kind = 'DISPUTE') = (written.amount_micro > 0) THEN 'break_disputed, position'
        ELSE 'position, break_disputed' END, concat_ws(', ', debit.purpose, credit.purpose)),
    ('decision', 'APPROVED', proposal.decision),
    ('break', proposal.content ->> 'break_id', written.break_id::text),
    ('code', transfer.code::text, CASE written.kind
        WHEN 'DISPUTE' THEN '{Code.DISPUTE:d}' ELSE '{Code.WRITE_OFF:d}' END),
    ('amount_micro', CASE WHEN written.kind = 'DISPUTE_WON' THEN proposal.content ->> 'won_micro'
        WHEN proposal.kind = 'BREAK_DISPUTE_END' THEN ((proposal.content ->> 'won_micro')::bigint
            - (proposal.content ->> 'amount_micro')::bigint)::text
        ELSE proposal.content ->> 'amount_micro' END, written.amount_micro::text)
) AS cell (name, expected, found)
WHERE cell.expected IS DISTINCT FROM cell.found
ORDER BY 2, 3
""",
)
"""All that the ledger moved because of breaks is what two persons decided on, and all they decided on is there."""

BREAK_DISPUTES: Final = SqlCheck(
    "break-disputes-explained",
    """
SELECT 'ledger_account', 'break_disputed ' || coalesce(held.owner, open.participant_id)::text, 'net',
    coalesce(open.expected, 0)::text, coalesce(held.net, 0)::text
FROM (
    SELECT owner, sum(debits_posted - credits_posted) AS net FROM ledger_account
    WHERE split_part(purpose, ':', 1) = 'break_disputed' GROUP BY owner
) AS held
FULL JOIN (
    SELECT participant_id, sum(CASE kind WHEN 'DISPUTE' THEN amount_micro ELSE -amount_micro END) AS expected
    FROM settlement_write_off WHERE kind <> 'WRITE_OFF' GROUP BY participant_id
) AS open ON open.participant_id = held.owner
WHERE coalesce(held.net, 0) <> coalesce(open.expected, 0)
ORDER BY 2
""",
)
"""What lies with participants' disputes is the disputes that have not ended."""

TOLERATED: Final = SqlCheck(
    "tolerances-journalled",
    f"""
WITH match AS (
    SELECT program_id, transfer_id, brand_line_id, amount FROM settlement_match
    WHERE asset = '{MONEY}' AND undone_at IS NULL AND rule NOT IN ('PERSON', 'SUGGESTED')
), side AS (
    SELECT program_id, sum(amount) AS amount FROM (
        SELECT DISTINCT match.program_id, line.id, line.amount
        FROM match JOIN settlement_brand_line AS line ON line.id = match.brand_line_id
    ) AS theirs GROUP BY program_id
    UNION ALL
    SELECT program_id, -sum(amount) FROM (SELECT DISTINCT program_id, transfer_id, amount FROM match) AS ours
    GROUP BY program_id
)
SELECT 'ledger_account', 'tolerated ' || coalesce(held.owner, apart.program_id)::text, 'net',
    coalesce(apart.expected, 0)::text, coalesce(held.net, 0)::text
FROM (
    SELECT owner, credits_posted - debits_posted AS net FROM ledger_account
    WHERE purpose = 'tolerated' AND owner <> '{OPERATOR_ID}'
) AS held
FULL JOIN (SELECT program_id, sum(amount) AS expected FROM side GROUP BY program_id) AS apart
    ON apart.program_id = held.owner
WHERE coalesce(held.net, 0) <> coalesce(apart.expected, 0)
ORDER BY 2
""",
)
"""What is tolerated in money stands in the journal, program by program."""

MATCHES: Final = SqlCheck(
    "matches",
    f"""
SELECT 'settlement_match', match.transfer_id || ' = ' || match.brand_line_id, cell.name, cell.expected, cell.found
FROM settlement_match AS match
LEFT JOIN settlement_brand_line AS line ON line.id = match.brand_line_id
LEFT JOIN ledger_transfer AS transfer ON transfer.id = match.transfer_id
LEFT JOIN settlement_proposal AS proposal ON proposal.id = match.proposal_id
CROSS JOIN LATERAL (VALUES
    ('brand line', match.brand_line_id::text, line.id::text),
    ('program', match.program_id::text, line.program_id::text),
    ('transfer', match.transfer_id::text, transfer.id::text),
    ('amount', abs(match.amount)::text, transfer.amount::text),
    ('current', 'true', (line.current OR match.undone_at IS NOT NULL)::text),
    ('loose', 'false', (line.loose AND match.undone_at IS NULL)::text),
    ('decision', CASE WHEN match.rule = 'PERSON' THEN 'APPROVED' END, proposal.decision),
    ('stated amount', CASE WHEN match.rule IN ('REFERENCE', 'BRAND_REFERENCE', 'MEMBER') AND match.asset <> '{MONEY}'
        THEN match.amount::text END, CASE WHEN match.rule IN ('REFERENCE', 'BRAND_REFERENCE', 'MEMBER')
        AND match.asset <> '{MONEY}' THEN line.amount::text END)
) AS cell (name, expected, found)
WHERE cell.expected IS DISTINCT FROM cell.found
UNION ALL
SELECT 'settlement_brand_line', line.id::text, 'file', line.file_id::text, file.id::text
FROM settlement_brand_line AS line LEFT JOIN settlement_brand_file AS file ON file.id = line.file_id
WHERE file.id IS NULL
UNION ALL
SELECT 'settlement_brand_line', line.id::text, 'loose', 'true', 'false'
FROM settlement_brand_line AS line
WHERE current AND amount <> 0 AND NOT loose AND NOT EXISTS (
    SELECT FROM settlement_match WHERE brand_line_id = line.id AND undone_at IS NULL
)
ORDER BY 2, 3
""",
)
"""Every match ties a line that a brand stated to a transfer of that amount, and every other line is loose."""

BREAKS: Final = SqlCheck(
    "breaks",
    """
SELECT 'settlement_break', item.id::text, cell.name, cell.expected, cell.found
FROM settlement_break AS item
CROSS JOIN LATERAL (
    SELECT (array_agg(kind ORDER BY id))[1] AS first,
        (array_agg(kind ORDER BY id DESC)
            FILTER (WHERE kind NOT IN ('COMMENT', 'ATTACHED', 'ASSIGNED', 'WAIT', 'OVERDUE')))[1] AS last
    FROM settlement_break_event WHERE break_id = item.id
) AS told
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE transfer.id IS NULL) AS lost
    FROM jsonb_to_recordset(item.ours) AS line (key uuid)
    LEFT JOIN ledger_transfer AS transfer ON transfer.id = line.key
) AS ours
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE line.id IS NULL) AS lost
    FROM jsonb_to_recordset(item.theirs) AS it (id uuid) LEFT JOIN settlement_brand_line AS line ON line.id = it.id
) AS theirs
CROSS JOIN LATERAL (VALUES
    ('first event', 'OPENED', told.first),
    ('lines of ours without a transfer', '0', ours.lost::text),
    ('lines of the brand that no file stated', '0', theirs.lost::text),
    ('state', CASE WHEN told.last IN ('OPENED', 'CHANGED', 'REOPENED', 'DISPUTE') THEN 'OPEN'
        WHEN told.last IN ('CLOSED', 'SUGGESTED', 'FORCED_MATCH') THEN 'CLOSED'
        WHEN told.last = 'EVIDENCE' THEN 'RESOLVED' ELSE item.state END, item.state)
) AS cell (name, expected, found)
WHERE cell.expected IS DISTINCT FROM cell.found
ORDER BY 2, 3
""",
)
"""Every break has lines that exist, and stands where its history ends."""
