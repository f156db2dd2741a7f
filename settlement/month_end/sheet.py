"""A program's month as a table: the same rows on the screen, in CSV and in a workbook. Pure."""

import csv
import io
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from xlsxwriter import Workbook

from core.amounts import format_amount
from core.codes import Code
from settlement.csv_form import neutral
from settlement.month_end.reporting import MonthEnd
from settlement.month_end.revenue import Recognition
from settlement.month_end.roll_forward import Heading, parts_of

FEN: Final = 2

Row = tuple[str, str, str, str]
"""What the row is, in which unit, the amount, and a remark."""

_AMOUNT: Final = 2

_DIGITS_MAX: Final = 15
"""What a spreadsheet's number holds exactly; longer amounts are written as text."""

COLUMNS: Final = ("line", "unit", "amount", "remark")


def rows(found: MonthEnd) -> Iterator[Row]:
    """Opening, lines and closing of the points; then the money."""
    points, unit, scale = found.points, found.program.code, found.program.scale
    remark = "" if found.final else "preliminary: the month is not over"
    yield "opening", unit, format_amount(points.opening, scale), remark
    for heading in Heading:
        yield heading.value, unit, format_amount(points.moved[heading], scale), _kinds(found, heading)
    yield "closing", unit, format_amount(points.closing, scale), "ties to the ledger's issued account"
    if found.revenue is not None:
        yield from _revenue(found.revenue, unit, scale)


def write_csv(found: MonthEnd, file: BinaryIO) -> None:
    """UTF-8 with a byte order mark, like the statements."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("program", "month", *COLUMNS))
    writer.writerows((neutral(found.program.code), str(found.month), *row[:3], neutral(row[3])) for row in rows(found))
    writer.writerow((neutral(found.program.code), str(found.month), "digest", "", "", found.digest))
    file.write(b"\xef\xbb\xbf" + text.getvalue().encode())


def write_xlsx(found: MonthEnd, file: BinaryIO) -> None:
    """One sheet; dated at the end of the month, so that the same month has the same bytes."""
    book: Any = Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": f"{found.program.code} {found.month}", "created": found.before.replace(tzinfo=None)})
    amounts = {n: book.add_format({"num_format": f"#,##0.{'0' * n}".rstrip(".")}) for n in {FEN, found.program.scale}}
    sheet = book.add_worksheet(str(found.month))
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 2, 20)
    sheet.set_column(3, 3, 70)
    for place, row in enumerate([("program", "", "", found.program.code), COLUMNS, *rows(found)]):
        for column, text in enumerate(row):
            if column == _AMOUNT and _DIGITS_MAX >= sum(map(str.isdigit, text)) > 0:
                sheet.write_number(place, column, float(text), amounts[len(text.partition(".")[2])])
            else:
                sheet.write_string(place, column, text)
    sheet.write_string(place + 1, 0, "digest")
    sheet.write_string(place + 1, 3, found.digest)
    book.close()


def _kinds(found: MonthEnd, heading: Heading) -> str:
    parts = list[str]()
    for flow in found.points.flows:
        back = "" if flow.taken_back in {None, flow.code} else f" of {_name(flow.taken_back)}"
        parts += [
            f"{_name(flow.code)}{back} {format_amount(amount, found.program.scale)} ({flow.transfers})"
            for line, amount in parts_of(flow)
            if line is heading and amount
        ]
    return ", ".join(parts)


def _name(code: int | None) -> str:
    return Code(code).name if code in set(Code) else str(code)


def _revenue(found: Recognition, unit: str, scale: int) -> Iterator[Row]:
    estimate = found.estimate
    version = f"estimate {estimate.version}, from {estimate.from_month}"
    yield "points estimated", unit, format_amount(estimate.points, scale), version
    yield "redemptions expected", unit, format_amount(estimate.expected, scale), "in total"
    yield "breakage", unit, format_amount(estimate.breakage, scale), "memo: not expected to be redeemed"
    yield "redeemed to date", unit, format_amount(found.redeemed_to_date, scale), "redeemed or given in exchange"
    for name, fen in (
        ("allocated price", estimate.allocated_fen),
        ("recognised before", found.recognised_before_fen),
        ("revenue", found.revenue_fen),
        ("of it catch-up", found.catch_up_fen),
        ("recognised to date", found.recognised_to_date_fen),
        ("liability left", found.liability_fen),
        ("of it breakage", found.breakage_fen),
    ):
        yield name, "CNY", format_amount(fen, FEN), _REMARKS.get(name, "")


_REMARKS: Final = {
    "revenue": "cumulative catch-up",
    "of it catch-up": "what another estimate than the month before had makes of earlier redemptions",
    "of it breakage": "memo: part of what is recognised to date that stands for breakage",
}
