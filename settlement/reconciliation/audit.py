"""What the audit of the books looks at on behalf of reconciliation."""

from typing import Final

from core.codes import Code
from ledger.audit import SqlCheck

WRITE_OFFS: Final = SqlCheck(
    "write-offs",
    f"""
SELECT CASE WHEN transfer.id IS NULL THEN 'settlement_write_off' ELSE 'ledger_transfer' END,
    coalesce(transfer.id, written.id)::text, cell.name, cell.expected, cell.found
FROM (SELECT * FROM ledger_transfer WHERE code = {Code.WRITE_OFF:d}) AS transfer
FULL JOIN settlement_write_off AS written ON written.id = transfer.id
LEFT JOIN settlement_proposal AS proposal ON proposal.id = written.proposal_id AND proposal.kind = 'WRITE_OFF'
LEFT JOIN ledger_account AS credit ON credit.id = transfer.credit_account_id
LEFT JOIN ledger_account AS debit ON debit.id = transfer.debit_account_id
CROSS JOIN LATERAL (VALUES
    ('reference', written.id::text, transfer.reference::text),
    ('amount', abs(written.amount_micro)::text, transfer.amount::text),
    ('participant', written.participant_id::text,
        CASE WHEN written.amount_micro > 0 THEN credit.owner ELSE debit.owner END::text),
    ('accounts', 'position, position', concat_ws(', ', debit.purpose, credit.purpose)),
    ('decision', 'APPROVED', proposal.decision),
    ('break', proposal.content ->> 'break_id', written.break_id::text),
    ('amount_micro', proposal.content ->> 'amount_micro', written.amount_micro::text)
) AS cell (name, expected, found)
WHERE cell.expected IS DISTINCT FROM cell.found
ORDER BY 2, 3
""",
)
"""Every write-off in the ledger is the one that two persons decided on, and every one they decided on is there."""
