"""Our side: a program's exchanges, awards, burns and rights bought with points, from the ledger.

All points of a program come from and go back to its issued account, so that account's statement has every line. What
they move between participants stands in the positions.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
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
    """Lay out the program's lines of these days, both included, that are not matched, beside those already there.

    What the brand's lines name is laid out as well, and what was freed by a correction, of whichever day it is.
    """
    freed = await connection.fetchval("SELECT EXISTS (SELECT FROM recon_freed)")
    zone = ZoneInfo(program.time_zone)
    after = datetime.combine(first_day, time(), zone) - timedelta(microseconds=1)
    until = datetime.combine(last_day + timedelta(days=1), time(), zone) - timedelta(microseconds=1)
    span = after, until, program.time_zone, program.id
    issued = issued_account(program).id
    for statement in (_POINTS, _NAMED_POINTS, *((_FREED_POINTS,) if freed else ())):
        await connection.execute(statement, *span, [issued], list(RECONCILED), program.asset)
    if in_money:
        models = await model_codes(connection)
        positions = [position_account_id(program.participant_id, model) for model in models]
        for statement in (_MONEY, _NAMED_MONEY, *((_FREED_MONEY,) if freed else ())):
            await connection.execute(statement, *span, positions, list(MONEY_RECONCILED), MONEY)


async def is_posted(connection: Connection, program: Program, references: Iterable[UUID]) -> bool:
    """Whether something of these references has moved the program's points, matched or not."""
    issued = issued_account(program).id
    return bool(await connection.fetchval(_IS_POSTED, list(references), issued, list(RECONCILED)))


async def lay_out_broken(connection: Connection, program: Program) -> None:
    """Lay out those of our lines that stand in breaks, are not matched and not laid out yet."""
    await connection.execute(_BROKEN, program.id)


_ORIGINS: Final = f"{exchange.relations.POINTS_ORIGINS} UNION ALL {rights.relations.POINTS_ORIGINS}"

_LINES: Final = f"""
INSERT INTO recon_ours (n, key, reference, brand_reference, asset, amount, member, day)
SELECT (SELECT coalesce(max(n), 0) FROM recon_ours) + row_number() OVER (), line.transfer_id,
    coalesce(line.reference::text, ''), coalesce(origin.brand_reference, ''), $7, {{amount}},
    coalesce(card.number, ''), (line.recorded_at AT TIME ZONE $3)::date
FROM ({{lines}}) AS line
{{join}} JOIN ({_ORIGINS}) AS origin ON origin.reference = line.reference AND origin.program_id = $4 {{only}}
LEFT JOIN ({members.relations.NUMBERS}) AS card USING (membership_id)
WHERE line.account_id = ANY($5::uuid[]) AND {{when}}
    AND line.code = ANY($6::integer[]) AND line.posted <> 0
    AND NOT EXISTS (SELECT FROM settlement_match WHERE transfer_id = line.transfer_id AND undone_at IS NULL)
    {{unless}}
"""

_OF_DAYS: Final = {
    "lines": ledger.relations.ACCOUNT_LINES,
    "when": "line.recorded_at > $1 AND line.recorded_at <= $2",
    "unless": "AND NOT EXISTS (SELECT FROM recon_ours WHERE key = line.transfer_id)",
}

# A brand may book another day than we do: what it names and those days do not have is looked up by itself.
# Neither side has been looked at here for statistics, so it is said in a way that costs no more than its length.
_NAMES: Final = """
WITH name AS MATERIALIZED (
    SELECT reference FROM recon_theirs WHERE reference <> '' AND (asset = 'CNY') = ($7 = 'CNY')
    EXCEPT SELECT reference FROM recon_ours WHERE asset = $7
), id AS MATERIALIZED (
    SELECT reference::uuid AS reference FROM name
    WHERE reference ~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'
)
SELECT reference FROM id
"""
_NAMED: Final = {
    "lines": ledger.relations.lines_of_references(_NAMES),
    "when": "(line.recorded_at <= $1 OR line.recorded_at > $2)",
    "unless": "",
}

_FREED: Final = {
    "lines": ledger.relations.lines_of_transfers("SELECT transfer_id FROM recon_freed"),
    "when": "$1::timestamptz < $2::timestamptz",
    "unless": _OF_DAYS["unless"],
}

# What the issued account gains, the member loses.
_OF_POINTS: Final = {"amount": "-line.posted", "join": "LEFT", "only": ""}
_POINTS: Final = _LINES.format(**_OF_POINTS, **_OF_DAYS)
_NAMED_POINTS: Final = _LINES.format(**_OF_POINTS, **_NAMED)
_FREED_POINTS: Final = _LINES.format(**_OF_POINTS, **_FREED)

# Both programs of an exchange may be one participant's: whose members gain is credited, but for a refund.
_GAINS: Final = f"AND origin.gains = ((line.posted > 0) <> (line.code = {Code.POSITION_REFUND:d}))"
_OF_MONEY: Final = {"amount": "line.posted", "join": "", "only": _GAINS}
_MONEY: Final = _LINES.format(**_OF_MONEY, **_OF_DAYS)
_NAMED_MONEY: Final = _LINES.format(**_OF_MONEY, **_NAMED)
_FREED_MONEY: Final = _LINES.format(**_OF_MONEY, **_FREED)

_IS_POSTED: Final = f"""
SELECT EXISTS (
    SELECT FROM ({ledger.relations.lines_of_references("SELECT unnest($1::uuid[]) AS reference")}) AS line
    WHERE account_id = $2 AND code = ANY($3::integer[]) AND posted <> 0
)
"""

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
