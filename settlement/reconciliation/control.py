"""The control row: what a statement file says of itself, so that it proves to be whole and the right one."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final

from brands import Program, StatementControl, StatementFile
from core.table import Row, damaged
from core.table_errors import ImportRefused
from members.cells import Unfit, read_amount, read_day
from members.normalise import plain
from members.row import column_places
from settlement.reconciliation.errors import ControlRowBroken, ControlRowMissing, OtherIssuer

_NOT_HEADERS: Final = frozenset({"mark", "issuer_name"})


@dataclass(frozen=True, slots=True)
class Control:
    """What the file says of itself."""

    count: int
    total: int
    """Minor units."""
    first_day: date
    last_day: date


def control_headers(control: StatementControl) -> dict[str, str]:
    """The headers under which the control row's figures stand, by the figure."""
    return {name: header for name, header in asdict(control).items() if name not in _NOT_HEADERS}


def is_control(row: Row, form: StatementFile) -> bool:
    """Whether it is the control row."""
    return _folded(row.cells[0]) == _folded(form.control.mark)


def read_control(
    row: Row | None, form: StatementFile, program: Program, headers: tuple[str, ...]
) -> Control | ImportRefused:
    """The control row, which is the file's last one."""
    if row is None or not is_control(row, form):
        return ControlRowMissing(form.control.mark, row.line if row else 1)
    if len(row.cells) != len(headers) or damaged(row.cells):
        return ControlRowBroken(row.line, "the row", "has other columns than the headers, or another encoding")
    places = column_places(control_headers(form.control), headers)
    issuer = plain(row.cells[places["issuer"]])
    if _folded(issuer) != _folded(form.control.issuer_name):
        return OtherIssuer(form.control.issuer_name, issuer)
    return _figures(row, form, program, places)


def _figures(row: Row, form: StatementFile, program: Program, places: Mapping[str, int]) -> Control | ImportRefused:
    name = ""
    try:
        name = form.control.count
        count = read_amount(row.cells[places["count"]], form, 0)
        name = form.control.total
        total = read_amount(row.cells[places["total"]], form, program.scale)
        name = form.control.first_day
        first_day = read_day(row.cells[places["first_day"]], form.dates)
        name = form.control.last_day
        return Control(count, total, first_day, read_day(row.cells[places["last_day"]], form.dates))
    except Unfit as unfit:
        return ControlRowBroken(row.line, name, str(unfit))


def _folded(text: str) -> str:
    return plain(text).casefold()
