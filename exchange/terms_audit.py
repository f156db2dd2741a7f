"""What the audit looks at of exchanges beside their legs: their quotes, whose they are, and what counts for limits."""

from typing import Final

from ledger.audit import SqlCheck

_TERMS: Final = (
    "member_id",
    "source_membership_id",
    "target_membership_id",
    "source_program_id",
    "target_program_id",
    "source_rate_id",
    "target_rate_id",
    "pair_rate_id",
    "source_tier",
    "source_amount",
    "target_amount",
    "value_micro",
    "fee_micro",
    "credit_micro",
    "rounding_micro",
)
_CELLS: Final = ", ".join(f"('{name}', exchange.{name}::text, quote.{name}::text)" for name in _TERMS)
_EITHER: Final = " OR ".join(f"quote.{name} IS DISTINCT FROM exchange.{name}" for name in _TERMS)

QUOTES: Final = SqlCheck(
    "exchange-quotes",
    f"""
SELECT 'exchange_quote', quote.id::text, cell.name, cell.expected, cell.found
FROM exchange_quote AS quote JOIN exchange_exchange AS exchange ON exchange.quote_id = quote.id
CROSS JOIN LATERAL (VALUES {_CELLS}) AS cell (name, expected, found)
WHERE ({_EITHER}) AND cell.expected IS DISTINCT FROM cell.found
ORDER BY quote.id, cell.name
""",
)
"""An exchange is what was quoted, as long as its quote is kept: a day beyond its end."""

MEMBERS: Final = SqlCheck(
    "exchange-members",
    """
SELECT 'exchange_exchange', exchange.id::text, 'member_id', coalesce(card.member_id::text, 'the owner of a card'),
    exchange.member_id::text
FROM exchange_exchange AS exchange
LEFT JOIN members_record AS member ON member.id = exchange.member_id
LEFT JOIN members_record AS card ON card.id = exchange.source_membership_id
WHERE member.member_id IS DISTINCT FROM card.member_id
    AND (greatest(member.identity_changed_at, card.identity_changed_at) < exchange.accepted_at - interval '5 minutes'
        OR num_nonnulls(member.identity_changed_at, card.identity_changed_at) = 0)
    AND member.erased_at IS NULL AND card.erased_at IS NULL
ORDER BY exchange.id
""",
)
"""An exchange belongs to whom its card does, unless somebody became another member since, or was forgotten."""

_PERIODS: Final = ("day", "month", "year")

# What was counted around midnight may have been judged on the day before, and counted on either.
_NEAR: Final = "interval '15 minutes'"


def _sums(prefix: str) -> str:
    return ", ".join(
        f"""
    greatest(coalesce(sum({prefix}_amount - back) FILTER (WHERE early >= {period}_start), 0)
        - coalesce(sum(back) FILTER (WHERE early < {period}_start AND late >= {period}_start), 0), 0) AS {period}_low,
    coalesce(sum({prefix}_amount - back) FILTER (WHERE early >= {period}_start), 0)
        + coalesce(sum({prefix}_amount) FILTER (WHERE early < {period}_start AND late >= {period}_start), 0)
        AS {period}_high"""
        for period in _PERIODS
    )


def _of(prefix: str, relation: str, key: str, joined: str) -> str:
    """The sums of one relation that no order of the exchanges explains. `prefix`: the side that counts."""
    cells = ", ".join(f"('{period}_amount', {period}_low, {period}_high, {period}_amount)" for period in _PERIODS)
    return f"""
SELECT '{relation}' AS relation, compared.key::text AS key, cell.name,
    CASE WHEN low = high THEN low::text ELSE low || ' to ' || high END AS expected, cell.found::text
FROM (
    SELECT usage.{key} AS key, usage.day_amount, usage.month_amount, usage.year_amount, {_sums("made." + prefix)}
    FROM {relation} AS usage
    LEFT JOIN (
        SELECT exchange.*, coalesce(returned.{prefix}_amount, 0) AS back,
            ((accepted_at - {_NEAR}) AT TIME ZONE program.time_zone)::date AS early,
            ((accepted_at + {_NEAR}) AT TIME ZONE program.time_zone)::date AS late
        FROM exchange_exchange AS exchange
        JOIN brands_program AS program ON program.id = exchange.{prefix}_program_id
        LEFT JOIN (
            SELECT exchange_id, sum({prefix}_amount) AS {prefix}_amount FROM exchange_usage_return GROUP BY exchange_id
        ) AS returned ON returned.exchange_id = exchange.id
    ) AS made ON {joined}
    GROUP BY usage.ctid, usage.{key}, usage.day_amount, usage.month_amount, usage.year_amount
) AS compared
CROSS JOIN LATERAL (VALUES {cells}) AS cell (name, low, high, found)
WHERE cell.found NOT BETWEEN cell.low AND cell.high
"""


_CARDS: Final = "source_membership_id = usage.membership_id AND made.target_program_id = usage.target_program_id"

PERIODS: Final = SqlCheck(
    "exchange-periods",
    f"""
{_of("source", "exchange_usage", "membership_id", _CARDS)}
UNION ALL
{_of("target", "exchange_issuance", "program_id", "made.target_program_id = usage.program_id")}
ORDER BY relation DESC, key, name
""",
)
"""What counts for the limits of the day, the month and the year is what was exchanged in them."""

TERMS_CHECKS: Final = (QUOTES, MEMBERS, PERIODS)
"""In the order in which findings are reported."""
