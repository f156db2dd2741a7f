"""What must always be true of members' cards; run by `ledger.audit`."""

from collections.abc import Sequence
from typing import Final

from core.codes import Code
from ledger.audit import AuditCheck, SqlCheck

OPENINGS: Final = SqlCheck(
    "openings",
    f"""
SELECT 'members_membership', coalesce(card.id, posted.reference)::text, cell.name, cell.expected, cell.found
FROM members_membership AS card
FULL JOIN (
    SELECT reference, amount, credit_account_id FROM ledger_transfer
    WHERE code = {Code.OPENING:d} AND lot_unit_cost IS NOT NULL
) AS posted ON posted.reference = card.id
LEFT JOIN ledger_account AS account ON account.id = posted.credit_account_id
LEFT JOIN brands_program AS program ON program.id = card.program_id
CROSS JOIN LATERAL (VALUES
    ('opening_amount', coalesce(posted.amount, 0)::text, card.opening_amount::text),
    ('program_id', coalesce(account.asset, program.code), program.code)
) AS cell (name, expected, found)
WHERE (posted.reference IS NOT NULL OR card.opening_amount > 0) AND cell.expected IS DISTINCT FROM cell.found
ORDER BY 2, 3
""",
)
"""What a card brought over is what was posted for it, in its own program's points."""

CARDS: Final = SqlCheck(
    "cards",
    """
SELECT 'members_membership', account.owner::text, cell.name, cell.expected, cell.found
FROM ledger_account AS account
LEFT JOIN members_membership AS card ON card.id = account.owner
LEFT JOIN brands_program AS program ON program.id = card.program_id
CROSS JOIN LATERAL (VALUES
    ('id', account.owner::text, card.id::text), ('program_id', account.asset, coalesce(program.code, account.asset))
) AS cell (name, expected, found)
WHERE account.purpose IN ('member', 'mirror') AND cell.expected IS DISTINCT FROM cell.found
ORDER BY 2, 3
""",
)
"""Whoever has an account of points has a card of that program."""

CHECKS: Final[Sequence[AuditCheck]] = (OPENINGS, CARDS)
"""In the order in which findings are reported."""
