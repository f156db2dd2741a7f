"""The control row: what a statement file says of itself, so that it proves to be whole and the right one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from brands import Program, StatementFile
from core.table import Row, damaged
from core.table_errors import ImportRefused
from members.cells import Unfit, read_amount, read_day
from members.normalise import plain
from members.row import column_places
from settlement.reconciliation.errors import ControlRowBroken, ControlRowMissing, OtherIssuer
from settlement.reconciliation.forms.source import control_columns
from settlement.reconciliation.line import MONEY_SCALE


@dataclass(frozen=True, slots=True)
class Control:
    """What the file says of itself."""

    count: int
    total: int
    """Minor units."""
    first_day: date
    last_day: date
    value_total: int | None = None
    """Micro-CNY; None: the file does not say."""


def is_control(row: Row, form: StatementFile) -> bool:
    """Whether it is the control row."""
    first, mark = row.cells[0], form.control.mark
    if first.isascii() and mark.isascii():
        return first.strip().casefold() == mark.casefold()
    return _folded(first) == _folded(mark)


def read_control(
    row: Row | None, form: StatementFile, program: Program, headers: tuple[str, ...]
) -> Control | ImportRefused:
    """The control row."""
    if row is None or not is_control(row, form):
        return ControlRowMissing(form.control.mark, row.line if row else 1)
    if row.fault or len(row.cells) != len(headers) or damaged(row.cells):
        return ControlRowBroken(row.line, "the row", "has other columns than the headers, or another encoding")
    places = column_places(control_columns(form.control), headers)
    issuer = plain(row.cells[places["issuer"]])
    if _folded(issuer) != _folded(form.control.issuer_name):
        return OtherIssuer(form.control.issuer_name, issuer)
    return _Figures(row, form, program, places).read()


class _Figures:
    """Reads the figures, and remembers which one it is at."""

    def __init__(self, row: Row, form: StatementFile, program: Program, places: Mapping[str, int]) -> None:
        self._row, self._form, self._program, self._places = row, form, program, places
        self._at = ""

    def read(self) -> Control | ControlRowBroken:
        try:
            return Control(
                self._amount("count", 0),
                self._amount("total", self._program.scale),
                self._day("first_day"),
                self._day("last_day"),
                self._amount("value_total", MONEY_SCALE) if self._form.control.value_total else None,
            )
        except Unfit as unfit:
            return ControlRowBroken(self._row.line, getattr(self._form.control, self._at), str(unfit))

    def _amount(self, name: str, scale: int) -> int:
        return read_amount(self._cell(name), self._form, scale)

    def _day(self, name: str) -> date:
        return read_day(self._cell(name), self._form.dates)

    def _cell(self, name: str) -> str:
        self._at = name
        return self._row.cells[self._places[name]]


def _folded(text: str) -> str:
    return plain(text).casefold()
