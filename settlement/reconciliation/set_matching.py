"""The rules of `matching`, for all lines that are laid out at once, in SQL. A test compares the two on random lines.

A crowd of equal lines costs no more than its length: lines are counted before they are joined. Only money, whose
amounts may differ, is joined pair by pair, within one reference.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from core.database import Connection
from settlement.reconciliation.rules import Rule, Tolerances


async def match_staged(connection: Connection, tolerances: Tolerances) -> Mapping[Rule, int]:
    """Write what belongs together into `recon_found`, and what is left into `recon_left_ours` and `…_theirs`.

    Returns how many matches each rule found. The brand's lines that it refused are left, and match nothing.
    """
    await _tolerate(connection, tolerances)
    await connection.execute("ANALYZE recon_ours")
    await connection.execute("ANALYZE recon_theirs")
    whole = {"ours": "recon_ours", "theirs": "recon_theirs", "name": "reference"}
    counted = Counter[Rule]()
    for statement in (_EQUAL, _WITHIN):
        named = statement.format(**whole, rule=Rule.REFERENCE, free="theirs.reference <> ''")
        counted[Rule.REFERENCE] += await _found(connection, Rule.REFERENCE, named)
    for statement in _LEAVE:
        await connection.execute(statement)
    for rule, statement in _WEAKER:
        named = statement.format(rule=rule, ours="recon_left_ours", theirs="recon_left_theirs")
        counted[rule] += (found := await _found(connection, rule, named))
        for removal in _REMOVE if found else ():
            await connection.execute(removal, rule)
    return +counted


async def _found(connection: Connection, rule: Rule, statement: str) -> int:
    """How many matches a statement found."""
    rows = int((await connection.execute(statement)).rpartition(" ")[2])
    if rows and rule in {Rule.SPLIT, Rule.BATCH}:
        return int(await connection.fetchval("SELECT count(DISTINCT g) FROM recon_found WHERE rule = $1", rule))
    return rows


async def _tolerate(connection: Connection, tolerances: Tolerances) -> None:
    await connection.execute(_TOLERANCE)
    rows = [(asset, it.absolute, it.basis_points) for asset, it in tolerances.items()]
    await connection.copy_records_to_table("recon_tolerance", records=rows)
    await connection.execute("ANALYZE recon_tolerance")


_TOLERANCE: Final = (
    "CREATE TEMP TABLE recon_tolerance (asset text, absolute bigint, basis_points integer) ON COMMIT DROP"
)

_EQUAL: Final = """
INSERT INTO recon_found (rule, g, ours, theirs, transfer_id, brand_line_id, asset, amount)
SELECT '{rule}', max(ours), max(ours), max(theirs), any_value(key), any_value(id), asset, amount
FROM (
    SELECT {name} AS name, asset, amount, n AS ours, NULL::integer AS theirs, key, NULL::uuid AS id
    FROM {ours} WHERE {name} <> ''
    UNION ALL
    SELECT {name}, asset, amount, NULL, n, NULL, id FROM {theirs} AS theirs WHERE booked AND {name} <> '' AND {free}
) AS line
WHERE asset NOT IN (SELECT asset FROM recon_tolerance)
GROUP BY name, asset, amount
HAVING count(*) = 2 AND count(ours) = 1
"""

_SLACK: Final = "coalesce(least(absolute, div(abs({amount})::numeric * basis_points, 10000)), 0)"

_WITHIN: Final = f"""
INSERT INTO recon_found (rule, g, ours, theirs, transfer_id, brand_line_id, asset, amount)
WITH here AS MATERIALIZED (
    SELECT ours.n, key, {{name}} AS name, asset, amount, {_SLACK.format(amount="amount")} AS slack
    FROM {{ours}} AS ours JOIN recon_tolerance USING (asset) WHERE {{name}} <> ''
), there AS MATERIALIZED (
    SELECT theirs.n, id, {{name}} AS name, asset, amount
    FROM {{theirs}} AS theirs WHERE booked AND {{free}} AND asset IN (SELECT asset FROM recon_tolerance)
), pair AS (
    SELECT here.n AS ours, there.n AS theirs, here.key, there.id, asset, here.amount,
        count(*) OVER (PARTITION BY here.n) AS fitting, count(*) OVER (PARTITION BY there.n) AS fitted
    FROM here JOIN there USING (name, asset)
    WHERE (here.amount > 0) = (there.amount > 0) AND abs(here.amount - there.amount) <= slack
)
SELECT '{{rule}}', ours, ours, theirs, key, id, asset, amount FROM pair WHERE fitting = 1 AND fitted = 1
"""

_LEFT: Final = (
    "CREATE TEMP TABLE recon_left_{side} ON COMMIT DROP AS SELECT * FROM recon_{side} AS line"
    " WHERE amount <> 0 AND NOT EXISTS (SELECT FROM recon_found WHERE {side} = line.n)"
)
_LEAVE: Final = (
    "ANALYZE recon_found",
    _LEFT.format(side="ours"),
    _LEFT.format(side="theirs"),
    "ANALYZE recon_left_ours",
    "ANALYZE recon_left_theirs",
)

_REMOVE: Final = (
    "DELETE FROM recon_left_ours AS line USING recon_found WHERE ours = line.n AND rule = $1",
    "DELETE FROM recon_left_theirs AS line USING recon_found WHERE theirs = line.n AND rule = $1",
)

_UNNAMED: Final = "theirs.reference = ''"

_NEAR: Final = """
INSERT INTO recon_found (rule, g, ours, theirs, transfer_id, brand_line_id, asset, amount)
WITH here AS (
    SELECT member, asset, amount, day, brand_reference <> '' AS named, count(*) AS lines, max(n) AS n,
        any_value(key) AS key
    FROM {ours} WHERE member <> '' GROUP BY 1, 2, 3, 4, 5
), there AS (
    SELECT member, asset, amount, day, brand_reference <> '' AS named, count(*) AS lines, max(n) AS n,
        any_value(id) AS id
    FROM {theirs} WHERE booked AND member <> '' AND reference = '' GROUP BY 1, 2, 3, 4, 5
), near AS (
    SELECT here.n AS ours, there.n AS theirs, key, id, here.asset, here.amount,
        sum(there.lines) OVER (PARTITION BY here.n) AS fitting, sum(here.lines) OVER (PARTITION BY there.n) AS fitted
    FROM there CROSS JOIN (VALUES (-1), (0), (1)) AS apart (days)
    JOIN here ON (here.member, here.asset, here.amount, here.day)
        = (there.member, there.asset, there.amount, there.day + apart.days) AND NOT (here.named AND there.named)
)
SELECT '{rule}', ours, ours, theirs, key, id, asset, amount FROM near WHERE fitting = 1 AND fitted = 1
"""

_SPLIT: Final = f"""
INSERT INTO recon_found (rule, g, ours, theirs, transfer_id, brand_line_id, asset, amount)
WITH whole AS (
    SELECT reference, asset, amount > 0 AS gains, sum(amount) AS amount, max(n) AS n, any_value(key) AS key
    FROM {{ours}} GROUP BY 1, 2, 3 HAVING count(*) = 1
), parts AS (
    SELECT reference, asset, amount > 0 AS gains, sum(amount) AS amount
    FROM {{theirs}} WHERE booked AND reference <> '' GROUP BY 1, 2, 3 HAVING count(*) > 1
), fit AS (
    SELECT whole.n, key, reference, asset, gains, whole.amount
    FROM whole JOIN parts USING (reference, asset, gains) LEFT JOIN recon_tolerance USING (asset)
    WHERE abs(parts.amount - whole.amount) <= {_SLACK.format(amount="whole.amount")}
)
SELECT '{{rule}}', fit.n, fit.n, line.n, fit.key, line.id, fit.asset, fit.amount
FROM fit JOIN {{theirs}} AS line
    ON (line.reference, line.asset, line.amount > 0) = (fit.reference, fit.asset, fit.gains) AND booked
"""

_BATCH: Final = f"""
INSERT INTO recon_found (rule, g, ours, theirs, transfer_id, brand_line_id, asset, amount)
WITH whole AS (
    SELECT day, asset, amount > 0 AS gains, sum(amount) AS amount, max(n) AS n, any_value(id) AS id
    FROM {{theirs}} WHERE booked AND reference = '' AND member = '' GROUP BY 1, 2, 3 HAVING count(*) = 1
), parts AS (
    SELECT day, asset, amount > 0 AS gains, sum(amount) AS amount
    FROM {{ours}} GROUP BY 1, 2, 3 HAVING count(*) > 1
), fit AS (
    SELECT whole.n, id, day, asset, gains
    FROM whole JOIN parts USING (day, asset, gains) LEFT JOIN recon_tolerance USING (asset)
    WHERE abs(parts.amount - whole.amount) <= {_SLACK.format(amount="parts.amount")}
)
SELECT '{{rule}}', -fit.n, line.n, fit.n, line.key, fit.id, line.asset, line.amount
FROM fit JOIN {{ours}} AS line ON (line.day, line.asset, line.amount > 0) = (fit.day, fit.asset, fit.gains)
"""

_BY_BRAND_REFERENCE: Final = {"name": "brand_reference", "free": _UNNAMED}


def _weaker(statement: str) -> str:
    """The statement of the second rule, its tables still to be named."""
    return statement.format(**_BY_BRAND_REFERENCE, rule="{rule}", ours="{ours}", theirs="{theirs}")


_WEAKER: Final = (
    (Rule.BRAND_REFERENCE, _weaker(_EQUAL)),
    (Rule.BRAND_REFERENCE, _weaker(_WITHIN)),
    (Rule.MEMBER, _NEAR),
    (Rule.SPLIT, _SPLIT),
    (Rule.BATCH, _BATCH),
)
"""In their order; each on what the ones before it left."""
