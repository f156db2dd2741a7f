"""The rules in SQL find what the pure rules find, on any lines."""

from collections.abc import Sequence
from uuid import UUID

from hypothesis import given, settings

from core.database import Connection, Database
from settlement.reconciliation.break_kinds import StatedLine
from settlement.reconciliation.line import Line
from settlement.reconciliation.matching import Matching, match
from settlement.reconciliation.rules import Tolerances
from settlement.reconciliation.set_matching import match_staged
from settlement.reconciliation.staging import open_staging, stage_ours, stage_theirs
from tests.settlement.reconciliation.test_matching import MONEY, line, lines


def keyed(ours: Sequence[Line]) -> list[Line]:
    """The same with ids as keys, in the same order."""
    return [
        Line(str(UUID(int=n + 1)), it.reference, it.brand_reference, it.asset, it.amount, it.member, it.day)
        for n, it in enumerate(ours)
    ]


async def matched(
    connection: Connection, ours: Sequence[Line], theirs: Sequence[Line], tolerances: Tolerances
) -> tuple[list[tuple[str, tuple[str, ...], tuple[str, ...]]], list[str], list[str]]:
    """What SQL finds, in the pure rules' form: matches by rule and keys, and the keys that are left."""
    await open_staging(connection)
    await stage_ours(connection, enumerate(ours, 1))
    stated = (StatedLine(str(UUID(int=n)), booked=True, line=it) for n, it in enumerate(theirs, 1))
    await stage_theirs(connection, enumerate(stated, 1))
    await match_staged(connection, tolerances)
    rows = await connection.fetch(FOUND)
    left = [await connection.fetch(f"SELECT key::text FROM recon_left_{side}") for side in ("ours", "theirs")]
    found = [(row["rule"], tuple(row["ours"]), tuple(row["theirs"])) for row in rows]
    here, there = (sorted(row["key"] for row in side) for side in left)
    return sorted(found), here, there


FOUND = """
SELECT rule, array_agg(DISTINCT ours.key::text ORDER BY ours.key::text) AS ours,
    array_agg(DISTINCT theirs.key ORDER BY theirs.key) AS theirs
FROM recon_found JOIN recon_ours AS ours ON ours.n = recon_found.ours
JOIN recon_theirs AS theirs ON theirs.n = recon_found.theirs
GROUP BY rule, g
"""


def pure(found: Matching) -> tuple[list[tuple[str, tuple[str, ...], tuple[str, ...]]], list[str], list[str]]:
    """The same of the pure rules."""
    told = [(it.rule.value, tuple(o.key for o in it.ours), tuple(t.key for t in it.theirs)) for it in found.found]
    return sorted(told), [it.key for it in found.ours], [it.key for it in found.theirs]


async def test_sql_agrees_with_the_rules(database: Database) -> None:
    """On random lines with few values for everything, so that lines often nearly fit; points and money."""
    examples: list[tuple[list[Line], list[Line]]] = []

    @given(ours=lines("o"), theirs=lines("t"))
    @settings(max_examples=600, deadline=None, database=None)
    def collect(ours: list[Line], theirs: list[Line]) -> None:
        examples.append((ours, theirs))

    collect()
    ours = keyed([apart(it, n) for n, (side, _) in enumerate(examples) for it in side])
    theirs = [apart(it, n) for n, (_, side) in enumerate(examples) for it in side]
    tolerances = {f"CNY {n}": MONEY["CNY"] for n in range(len(examples))}
    async with database.transaction() as connection:
        assert await matched(connection, ours, theirs, tolerances) == pure(match(ours, theirs, tolerances))


def apart(it: Line, example: int) -> Line:
    """The line with an asset of its example's own, so that it fits no line of another one."""
    named = f"{it.key} {example:06}", it.reference, it.brand_reference, f"{it.asset} {example}"
    return Line(*named, it.amount, it.member, it.day)


async def test_a_crowd_of_equal_lines(database: Database) -> None:
    """Equal lines fit one another too well: none is matched, and they are not tried pair by pair."""
    ours = keyed([line("", 5, "r", "o", "m") for _ in range(20_000)])
    theirs = [line(f"{n:06}", 5, ("", "r")[n % 2], "o", "m") for n in range(20_000)]
    async with database.transaction() as connection:
        found, left_ours, left_theirs = await matched(connection, ours, theirs, MONEY)
    assert (found, len(left_ours), len(left_theirs)) == ([], 20_000, 20_000)


async def test_what_the_brand_refused_matches_nothing(database: Database) -> None:
    """It is left, to be compared with ours."""
    async with database.transaction() as connection:
        await open_staging(connection)
        await stage_ours(connection, enumerate(keyed([line("", 9, "r", "o", "m")]), 1))
        refused = [StatedLine(str(UUID(int=1)), booked=False, line=line("x", 9, "r", "o", "m"))]
        await stage_theirs(connection, enumerate(refused, 1))
        assert await match_staged(connection, {}) == {}
        assert await connection.fetchval("SELECT count(*) FROM recon_left_theirs") == 1
