"""What is left when everything that can be matched is: read a few thousand lines at a time, by our reference."""

from bisect import bisect_left
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from uuid import UUID

from asyncpg import Record

from brands import NETWORK_MODEL, Program
from core.database import Connection
from exchange import State, exchanges_by_id
from settlement.participants import models_with
from settlement.reconciliation.break_kinds import BreakKind, Draft, StatedLine, our_anchor
from settlement.reconciliation.files import Covered
from settlement.reconciliation.late import told_late
from settlement.reconciliation.line import MONEY, OWN_ID, Line, Thing
from settlement.reconciliation.sorting import Fact
from settlement.reconciliation.suggesting import Suggestion, suggest

CHUNK: Final = 2_000
"""Lines that are read at a time."""

SUGGESTED_FROM_MAX: Final = 20_000
"""Lines of either side among which suggestions are looked for."""

_GIVEN_UP: Final = frozenset({State.SOURCE_REJECTED, State.TARGET_REJECTED, State.COMPENSATING, State.REFUNDED})


@dataclass(frozen=True, slots=True)
class Left:
    """Lines that are left, all of those that are about the same things."""

    ours: list[Line] = field(default_factory=list)
    theirs: list[StatedLine] = field(default_factory=list)

    @property
    def references(self) -> set[str]:
        """What they refer to."""
        return {line.reference for line in (*self.ours, *(it.line for it in self.theirs)) if line.reference}


async def lines_left(connection: Connection, whole: Covered, *, chunk: int = CHUNK) -> AsyncIterator[Left]:
    """All that is left: of ours what lies in days that files have stated, and whatever a line of the brand's names.

    `chunk` lines are read at a time; what is about one thing stays together.
    """
    cursor = await connection.cursor(_LEFT, whole.first_day, whole.last_day)
    rows: list[Record] = []
    while read := await cursor.fetch(chunk):
        rows += read
        begun = bisect_left(rows, True, key=partial(_is_about, _thing(rows[-1])))  # noqa: FBT003 - what it looks for
        if begun:
            yield _left(rows[:begun])
            rows = rows[begun:]
    if rows:
        yield _left(rows)


async def facts_of(connection: Connection, references: Iterable[str]) -> dict[str, Fact]:
    """What our records say of these references."""
    ids = [found for text in references if (found := id_in(text))]
    known = await exchanges_by_id(connection, ids) if ids else {}
    undone = [key for key, it in known.items() if it.state in _GIVEN_UP]
    late = await told_late(connection, undone) if undone else frozenset[UUID]()
    given_up = frozenset(undone) - late  # what the saga has learnt of too late is posted, and has its own break
    return {str(key): Fact(it.conversion.fee_micro, key in given_up) for key, it in known.items()}


async def drafts_of_windows(connection: Connection, program: Program) -> list[Draft]:
    """Lines that agree, but lie in different settlement windows: matched now, or standing as breaks."""
    models = [NETWORK_MODEL, *await models_with(connection, program.participant_id)]
    if not await connection.fetchval(_ANY_WINDOWS, program.time_zone, models):
        return []
    rows = await connection.fetch(_WINDOWS, program.id, program.time_zone, models)
    return [_window_draft(row) for row in rows]


async def suggestions(connection: Connection) -> list[Suggestion]:
    """Pairs that nearly fit, among the members who have lines left on both sides."""
    rows = await connection.fetch(_SUGGESTED_FROM, SUGGESTED_FROM_MAX)
    left = _left(rows)
    return suggest(left.ours, (it.line for it in left.theirs))


def _thing(row: Record) -> Thing:
    """What the line is about; `Line.thing` says the same."""
    return row["own_id"], row["points_key"]


def _is_about(thing: Thing, row: Record) -> bool:
    return _thing(row) == thing


def _left(rows: Iterable[Record]) -> Left:
    left = Left()
    for row in rows:
        if row["id"] is None:
            left.ours.append(_line(row))
        else:
            left.theirs.append(StatedLine(str(row["id"]), row["booked"], _line(row)))
    return left


def _line(row: Record) -> Line:
    named = row["key"], row["reference"], row["brand_reference"]
    return Line(*named, row["asset"], row["amount"], row["member"], row["day"])


def _window_draft(row: Record) -> Draft:
    ours = Line(
        row["our_key"], row["reference"], row["our_name"], row["asset"], row["amount"], row["member"], row["day"]
    )
    named = row["key"], row["stated_reference"], row["brand_reference"]
    theirs = Line(*named, row["asset"], row["stated_amount"], row["stated_member"], row["stated_day"])
    return Draft(
        our_anchor(ours.key), BreakKind.WINDOW, (ours,), (StatedLine(str(row["id"]), booked=True, line=theirs),)
    )


def id_in(text: str) -> UUID | None:
    """Our id, if the reference is one."""
    try:
        return UUID(text)
    except ValueError:
        return None


_SIDES: Final = """
SELECT NULL::uuid AS id, true AS booked, key::text, reference, brand_reference, asset, amount, member, day
FROM recon_left_ours WHERE {ours}
UNION ALL
SELECT id, booked, key, reference, brand_reference, asset, amount, member, day FROM recon_left_theirs WHERE {theirs}
"""

_POINTS_KEY: Final = "rtrim(line.key, '\N{FULLWIDTH YEN SIGN}')"

_COMPARED: Final = """
day BETWEEN $1 AND $2
    OR (reference <> '' AND reference IN (SELECT reference FROM recon_left_theirs))
"""

_LEFT: Final = f"""
SELECT line.*, own_id,
    CASE WHEN own_id <> '' THEN '' WHEN asset = '{MONEY}' THEN {_POINTS_KEY} ELSE key END AS points_key
FROM ({_SIDES.format(ours=_COMPARED, theirs="true")}) AS line CROSS JOIN LATERAL (
    SELECT CASE WHEN reference ~ '^{OWN_ID.pattern}$' THEN reference ELSE '' END AS own_id
) AS named
ORDER BY own_id, points_key, key
"""

_ALSO_THERE: Final = "member <> '' AND member IN (SELECT member FROM recon_left_theirs)"
_ALSO_HERE: Final = "booked AND member <> '' AND member IN (SELECT member FROM recon_left_ours)"

_SUGGESTED_FROM: Final = f"""
SELECT * FROM ({_SIDES.format(ours=_ALSO_THERE, theirs=_ALSO_HERE)}) AS line
ORDER BY member, key LIMIT $1
"""

_ANY_WINDOWS: Final = """
SELECT EXISTS (SELECT FROM settlement_break WHERE kind = 'WINDOW' AND state <> 'CLOSED') OR EXISTS (
    SELECT FROM settlement_window CROSS JOIN (SELECT min(day) AS first, max(day) AS last FROM recon_theirs) AS stated
    WHERE cut_off_at >= (first - 40)::timestamp AT TIME ZONE $1
        AND cut_off_at <= (last + 40)::timestamp AT TIME ZONE $1 AND model = ANY($2::text[])
)
"""
"""Whether a window ended anywhere near; otherwise there is no need to compare the days of all that was matched."""

_WINDOWS: Final = f"""
WITH pair AS (
    SELECT ours.key, ours.reference, ours.brand_reference, ours.asset, ours.amount, ours.member, ours.day, theirs.id
    FROM recon_found AS found
    JOIN recon_ours AS ours ON ours.n = found.ours JOIN recon_theirs AS theirs ON theirs.n = found.theirs
    WHERE rule IN ('REFERENCE', 'BRAND_REFERENCE') AND abs(ours.day - theirs.day) > 1
    UNION
    SELECT line.*, match.brand_line_id
    FROM settlement_break AS item CROSS JOIN LATERAL jsonb_to_recordset(item.ours) AS line (key uuid, reference text,
        brand_reference text, asset text, amount bigint, member text, day date)
    JOIN settlement_match AS match ON match.transfer_id = line.key AND match.undone_at IS NULL
    WHERE item.program_id = $1 AND match.program_id = $1 AND item.kind = 'WINDOW' AND item.state <> 'CLOSED'
        AND match.rule <> 'PERSON'
)
SELECT line.id, line.key, line.reference AS stated_reference,
    {_POINTS_KEY} AS brand_reference,
    line.amount AS stated_amount, line.member AS stated_member, line.day AS stated_day,
    pair.key::text AS our_key, pair.brand_reference AS our_name, pair.reference, pair.asset, pair.amount,
    pair.member, pair.day
FROM pair JOIN settlement_brand_line AS line ON line.id = pair.id
WHERE EXISTS (
    SELECT FROM settlement_window
    WHERE cut_off_at >= (least(pair.day, line.day) + 1)::timestamp AT TIME ZONE $2
        AND cut_off_at <= greatest(pair.day, line.day)::timestamp AT TIME ZONE $2
        AND model = ANY($3::text[])
)
ORDER BY our_key
"""
