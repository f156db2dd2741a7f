"""What stands behind one line of a statement: its transfers, what it was, and the brand's own lines."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from brands import OPERATOR_CODE, OPERATOR_ID, Directory, directory
from core.database import Connection, Database
from core.errors import Refusal
from exchange import Exchange, exchanges_by_id
from ledger.tracing import TracedTransfer, trace
from settlement.errors import WindowNotFound
from settlement.origins import origins
from settlement.participants import codes
from settlement.proof.line_pages import ParticipantNotFound
from settlement.proof.places import Place, places_of
from settlement.reconciliation.break_kinds import BreakKind, late_anchor, our_anchor
from settlement.reconciliation.breaks import BreakState, read_breaks
from settlement.windows import find


@dataclass(frozen=True, slots=True)
class LineNotFound(Refusal):
    """There is no such transfer, or it stands for nothing outside the ledger."""

    transfer: str


@dataclass(frozen=True, slots=True)
class LineElsewhere(Refusal):
    """The transfer is no line of this statement."""

    transfer: str
    window: int
    participant: str
    places: tuple[Place, ...]
    """Of which statements it is one."""

    @property
    def message(self) -> str:
        """Where it stands instead."""
        where = ", ".join(f"of {it.participant} in window {it.window}" for it in self.places) or "of none"
        return (
            f"Transfer {self.transfer} is no line of the statement of {self.participant} in window {self.window}; "
            f"it is one {where}."
        )


@dataclass(frozen=True, slots=True)
class Within:
    """In which statement a line is looked for."""

    window_id: UUID
    participant: str
    """Its code, or `operator`."""


@dataclass(frozen=True, slots=True)
class BrandLine:
    """A line of a brand's own file that was found to be one of the transfers."""

    transfer_id: UUID
    rule: str
    """By which rule it was matched."""
    file_name: str
    file_digest: str
    row: int
    """Of the file."""
    key: str
    """The brand's own reference."""
    asset: str
    amount: int
    """Minor units, as the member sees it."""
    day: date


@dataclass(frozen=True, slots=True)
class BreakBehind:
    """A break about one of the transfers, or about what a brand did too late: its lines are matched with nothing."""

    id: UUID
    program: str
    kind: BreakKind
    state: BreakState
    stated: tuple[str, ...]
    """The brand's own references of the lines that differ."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything behind one reference."""

    reference: UUID
    detail: str
    """What it was about, for a person; empty when nothing is known of it."""
    exchange: Exchange | None
    transfers: tuple[TracedTransfer, ...]
    """In the order of recording, reversals included."""
    brand_lines: tuple[BrandLine, ...]
    breaks: tuple[BreakBehind, ...]
    """Closed ones included."""
    owners: Mapping[UUID, str]
    """The codes of the brands, programs and rights among the accounts' owners; members are not named."""


async def explain(
    database: Database, transfer_id: UUID, within: Within | None = None
) -> Explanation | LineNotFound | LineElsewhere | WindowNotFound | ParticipantNotFound:
    """What stands behind the line with this transfer; with `within`, only if it is a line of that statement."""
    async with (
        database.connection() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        reference = await connection.fetchval(_REFERENCE, transfer_id)
        if reference is None:
            return LineNotFound(str(transfer_id))
        elsewhere = None if within is None else await _elsewhere(connection, transfer_id, within)
        if elsewhere is not None:
            return elsewhere
        transfers = await trace(connection, reference, known=[transfer_id])
        origin = (await origins(connection, [reference])).get(reference)
        network = await directory(connection)
        return Explanation(
            reference,
            origin.detail if origin else "",
            (await exchanges_by_id(connection, [reference])).get(reference),
            tuple(transfers),
            await _brand_lines(connection, [found.id for found in transfers]),
            await _breaks(connection, network, reference, transfers),
            _owners(network),
        )


async def _elsewhere(
    connection: Connection, transfer_id: UUID, within: Within
) -> LineElsewhere | WindowNotFound | ParticipantNotFound | None:
    window = await find(connection, within.window_id)
    if window is None:
        return WindowNotFound(str(within.window_id))
    if within.participant not in (await codes(connection)).values():
        return ParticipantNotFound(within.participant)
    places = await places_of(connection, transfer_id)
    if Place(window.number, within.participant) in places:
        return None
    return LineElsewhere(str(transfer_id), window.number, within.participant, tuple(places))


async def _brand_lines(connection: Connection, transfer_ids: Collection[UUID]) -> tuple[BrandLine, ...]:
    return tuple(BrandLine(*row) for row in await connection.fetch(_BRAND_LINES, list(transfer_ids)))


async def _breaks(
    connection: Connection, network: Directory, reference: UUID, transfers: Iterable[TracedTransfer]
) -> tuple[BreakBehind, ...]:
    """By the names under which breaks are known, which are unique for each program."""
    late = [
        late_anchor(str(reference), gains=gains, in_money=money) for gains in (True, False) for money in (True, False)
    ]
    anchors = [*(our_anchor(it.id) for it in transfers), *late]
    found = await read_breaks(connection, _ABOUT, list(network.programs), anchors)
    return tuple(
        BreakBehind(
            it.id, network.programs[it.program_id].code, it.kind, it.state, tuple(each.line.key for each in it.theirs)
        )
        for it in found
    )


def _owners(network: Directory) -> dict[UUID, str]:
    found = {OPERATOR_ID: OPERATOR_CODE} | {key: brand.code for key, brand in network.brands.items()}
    found |= {key: program.code for key, program in network.programs.items()}
    return found | {key: right.code for key, right in network.rights.items()}


_REFERENCE: Final = "SELECT reference FROM ledger_transfer WHERE id = $1"

_ABOUT: Final = "program_id = ANY($1::uuid[]) AND anchor = ANY($2::text[])"

_BRAND_LINES: Final = """
SELECT found.transfer_id, found.rule, file.name, file.digest, line.row, line.key, line.asset, line.amount, line.day
FROM settlement_match AS found
JOIN settlement_brand_line AS line ON line.id = found.brand_line_id
JOIN settlement_brand_file AS file ON file.id = line.file_id
WHERE found.transfer_id = ANY($1::uuid[]) AND found.undone_at IS NULL
ORDER BY found.transfer_id, line.day, line.key
"""
