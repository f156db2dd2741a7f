"""Our side: a program's exchanges, awards, burns and rights bought with points, from the ledger.

All points of a program come from and go back to its issued account, so that account's statement has every line. What
they move between participants stands in the positions.
"""

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import exchange.relations
import ledger.relations
import members.relations
import rights.relations
from brands import Program
from brands.accounts import issued_account
from core.codes import Code
from core.database import Connection
from settlement.participants import model_codes
from settlement.postings import position_account_id
from settlement.reconciliation.line import MONEY

RECONCILED: Final = (
    Code.AWARD,
    Code.BURN,
    Code.EXCHANGE_DEBIT,
    Code.EXCHANGE_CREDIT,
    Code.EXCHANGE_REFUND,
    Code.EXCHANGE_LATE,
    Code.RIGHT_PRICE,
    Code.REVERSAL,
)
"""What a brand states too. Expiry and opening balances are compared by the month's roll-forward."""

MONEY_RECONCILED: Final = (
    Code.POSITION_DEBIT,
    Code.POSITION_CREDIT,
    Code.POSITION_REFUND,
    Code.POSITION_REVERSAL,
    Code.POSITION_LATE,
    Code.RIGHT_FUNDING,
)
"""What a brand states in CNY too."""


async def lay_out_ours(
    connection: Connection, program: Program, first_day: date, last_day: date, *, in_money: bool
) -> None:
    """Lay out the program's lines of these days, both included, that are not matched, beside those already there."""
    zone = ZoneInfo(program.time_zone)
    after = datetime.combine(first_day, time(), zone) - timedelta(microseconds=1)
    until = datetime.combine(last_day + timedelta(days=1), time(), zone) - timedelta(microseconds=1)
    span = after, until, program.time_zone, program.id
    issued = issued_account(program).id
    await connection.execute(_POINTS, *span, [issued], list(RECONCILED), program.asset)
    if in_money:
        models = await model_codes(connection)
        positions = [position_account_id(program.participant_id, model) for model in models]
        await connection.execute(_MONEY, *span, positions, list(MONEY_RECONCILED), MONEY)


async def lay_out_broken(connection: Connection, program: Program) -> None:
    """Lay out those of our lines that stand in breaks, are not matched and not laid out yet."""
    await connection.execute(_BROKEN, program.id)


_ORIGINS: Final = f"{exchange.relations.POINTS_ORIGINS} UNION ALL {rights.relations.POINTS_ORIGINS}"

_LINES: Final = f"""
INSERT INTO recon_ours (n, key, reference, brand_reference, asset, amount, member, day)
SELECT (SELECT coalesce(max(n), 0) FROM recon_ours) + row_number() OVER (), line.transfer_id,
    coalesce(line.reference::text, ''), coalesce(origin.brand_reference, ''), $7, {{amount}},
    coalesce(card.number, ''), (line.recorded_at AT TIME ZONE $3)::date
FROM ({ledger.relations.ACCOUNT_LINES}) AS line
{{join}} JOIN ({_ORIGINS}) AS origin ON origin.reference = line.reference AND origin.program_id = $4 {{only}}
LEFT JOIN ({members.relations.NUMBERS}) AS card USING (membership_id)
WHERE line.account_id = ANY($5::uuid[]) AND line.recorded_at > $1 AND line.recorded_at <= $2
    AND line.code = ANY($6::integer[]) AND line.posted <> 0
    AND NOT EXISTS (SELECT FROM settlement_match WHERE transfer_id = line.transfer_id AND undone_at IS NULL)
    AND NOT EXISTS (SELECT FROM recon_ours WHERE key = line.transfer_id)
"""

# What the issued account gains, the member loses.
_POINTS: Final = _LINES.format(amount="-line.posted", join="LEFT", only="")

# Both programs of an exchange may be one participant's: whose members gain is credited, but for a refund.
_GAINS: Final = f"AND origin.gains = ((line.posted > 0) <> (line.code = {Code.POSITION_REFUND:d}))"
_MONEY: Final = _LINES.format(amount="line.posted", join="", only=_GAINS)

_BROKEN: Final = """
INSERT INTO recon_ours (n, key, reference, brand_reference, asset, amount, member, day)
SELECT (SELECT coalesce(max(n), 0) FROM recon_ours) + row_number() OVER (), line.*
FROM (
    SELECT DISTINCT line.*
    FROM settlement_break CROSS JOIN LATERAL jsonb_to_recordset(ours) AS line (key uuid, reference text,
        brand_reference text, asset text, amount bigint, member text, day date)
    WHERE program_id = $1 AND state <> 'CLOSED'
) AS line
WHERE NOT EXISTS (SELECT FROM settlement_match WHERE transfer_id = line.key AND undone_at IS NULL)
    AND NOT EXISTS (SELECT FROM recon_ours WHERE recon_ours.key = line.key)
"""
