"""What is tolerated in money, in the journal: by how much a brand's lines say more or less than ours that they match.

The brand says more: Dr tolerated OPERATOR / Cr tolerated program; less: the other way round. It stands beside the
positions and changes none: nobody is paid it, and what shall be paid is an adjustment that two persons decide.
"""

from typing import Final
from uuid import UUID

from brands import OPERATOR_ID, Program
from brands.accounts import MONEY
from core.clock import Clock
from core.codes import Code
from core.database import Connection
from core.ids import new_id
from ledger import Account, Transfer, balances
from settlement.refused import post_all


def tolerated_account(owner: UUID) -> Account:
    """What is tolerated of a program's lines, or of all: the operator's."""
    return Account(owner, MONEY.code, "tolerated")


async def journal_tolerated(
    connection: Connection, program: Program, file_id: UUID | None, clock: Clock, *, tolerant: bool
) -> None:
    """Post what the matches that hold now tolerate more, or less, than is posted.

    Matches that no longer hold take back what they tolerated. The program must be locked.
    """
    own, operator = tolerated_account(program.id), tolerated_account(OPERATOR_ID)
    posted = (await balances(connection, [own.id]))[own.id].net_credit
    if not (tolerant or posted):
        return
    more: int = await connection.fetchval(_TOLERATED, program.id, MONEY.code) - posted
    if not more:
        return
    debit, credit = (operator, own) if more > 0 else (own, operator)
    transfer = Transfer(new_id(), debit.id, credit.id, abs(more), Code.TOLERANCE, reference=file_id or program.id)
    await post_all(connection, [transfer], [own, operator], clock)


_TOLERATED: Final = """
WITH match AS (
    SELECT transfer_id, brand_line_id, amount FROM settlement_match
    WHERE program_id = $1 AND asset = $2 AND undone_at IS NULL AND rule NOT IN ('PERSON', 'SUGGESTED')
)
SELECT (
    coalesce((SELECT sum(amount) FROM settlement_brand_line WHERE id IN (SELECT brand_line_id FROM match)), 0)
    - coalesce((SELECT sum(amount) FROM (SELECT DISTINCT transfer_id, amount FROM match) AS ours), 0)
)::bigint
"""
