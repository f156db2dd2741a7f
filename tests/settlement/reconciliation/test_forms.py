"""The same month in every form in which a brand may write it, and what is wrong with files of each form."""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from xlsxwriter import Workbook

from brands import (
    ControlPlace,
    DateForm,
    Encoding,
    MoneyTolerance,
    Program,
    StatementColumns,
    StatementControl,
    StatementFile,
    StatementForm,
    Unit,
)
from core.database import Database
from core.table import Unimportable
from core.table_errors import NotThatForm
from exchange.saga.postings import reversal_id
from settlement.reconciliation.errors import ControlRowBroken, ControlRowMissing, TotalDiffers
from settlement.reconciliation.reading import Statement, open_statement
from settlement.reconciliation.row import BrandLine
from tests.settlement.reconciliation.statements import network_of

DAY = date(2026, 1, 15)
OURS = "01980000-0000-7000-8000-000000000001"
NAMES = ("id", "order", "card", "miles", "day", "state")


@pytest.fixture
async def program(database: Database) -> Program:
    """Miles."""
    return (await network_of(database)).program("MILES")


def form_of(kind: StatementForm, places: Mapping[str, str] | None = None, **changes: Any) -> StatementFile:
    """A form whose columns are called as in NAMES, or stand at `places`."""
    at = places or {name: name for name in NAMES}
    columns = StatementColumns(
        brand_reference=at["id"], reference=at["order"], member=at["card"], amount=at["miles"], day=at["day"],
        status=at["state"],
    )  # fmt: skip
    control = StatementControl(
        mark="TOTAL", count=at["card"], total=at["miles"], first_day=at["day"], last_day=at["state"],
        issuer=at["order"], issuer_name="Airline",
    )  # fmt: skip
    made = StatementFile(columns=columns, control=control, form=kind, booked=("ok",), failed=("no",))
    return replace(made, **changes)


def read(path: Path, program: Program, form: StatementFile) -> tuple[Statement, list[BrandLine]]:
    """The file, and its movements."""
    with open_statement(path, program, form, correcting=False) as statement:
        return statement, list(statement.lines())


def refusal(path: Path, program: Program, form: StatementFile) -> object:
    """Why the file is refused."""
    with pytest.raises(Unimportable) as refused:
        read(path, program, form)
    return refused.value.refusal


def told(lines: list[BrandLine]) -> list[tuple[str, str, str, int, date, bool]]:
    """What counts of movements."""
    return [(it.line.key, it.line.reference, it.line.member, it.line.amount, it.line.day, it.booked) for it in lines]


MONTH = [("A-1", OURS, "M1", 1980, DAY, True), ("A-2", "", "M2", -40, DAY, False)]
ROWS = [("A-1", OURS, "M1", 1980, "2026-01-15", "ok"), ("A-2", "", "M2", -40, "2026-01-15", "no")]
TOTAL = ("TOTAL", "Airline", 2, 1940, "2026-01-15", "2026-01-15")


def workbook(path: Path, rows: list[tuple[object, ...]], sheet: str = "January") -> Path:
    """Written as spreadsheets write it: numbers are numbers, days are days."""
    book = Workbook(path)
    page = book.add_worksheet(sheet)
    days = book.add_format({"num_format": "yyyy-mm-dd"})
    for line, row in enumerate(rows):
        for place, value in enumerate(row):
            if isinstance(value, date):
                page.write_datetime(line, place, value, days)
            else:
                page.write(line, place, value)
    book.close()
    return path


def test_a_workbook(program: Program, tmp_path: Path) -> None:
    """Numbers and days are read as they are; blank rows and columns at the end mean nothing."""
    rows: list[tuple[object, ...]] = [NAMES, ("A-1", OURS, "M1", 1980.0, DAY, "ok"), (), (*ROWS[1], "")]
    path = workbook(tmp_path / "a.xlsx", [*rows, ("TOTAL", "Airline", 2, 1940, DAY, DAY)])
    statement, lines = read(path, program, form_of(StatementForm.XLSX))
    assert (told(lines), statement.quarantined) == (MONTH, [])
    assert told(read(path, program, form_of(StatementForm.XLSX, sheet="January"))[1]) == MONTH
    missing = refusal(path, program, form_of(StatementForm.XLSX, sheet="February"))
    assert missing == NotThatForm("a workbook (XLSX)", "it has no sheet 'February'")


def test_formulas_in_cells(program: Program, tmp_path: Path) -> None:
    """What a formula came to elsewhere is nobody's statement: the row is set aside."""
    rows: list[tuple[object, ...]] = [NAMES, ROWS[0], ("A-2", "", "M2", "=20*2", "2026-01-15", "ok")]
    path = workbook(tmp_path / "a.xlsx", [*rows, ("TOTAL", "Airline", 2, 1, "2026-01-15", "2026-01-15")])
    statement, lines = read(path, program, form_of(StatementForm.XLSX))
    assert told(lines) == MONTH[:1]
    assert [(it.line, it.column, it.reason) for it in statement.quarantined] == [(3, "miles", "is a formula")]


def test_what_is_no_workbook(program: Program, tmp_path: Path) -> None:
    """Another file, a bomb, and entities in its parts are refused whole."""
    text = tmp_path / "text.xlsx"
    text.write_text("id,order")
    assert refusal(text, program, form_of(StatementForm.XLSX)) == NotThatForm("a workbook (XLSX)", "it is not one")
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b" " * 40_000_000)
    swollen = refusal(bomb, program, form_of(StatementForm.XLSX))
    assert swollen == NotThatForm("a workbook (XLSX)", "unpacked it would be larger than any statement is")
    good, evil = workbook(tmp_path / "good.xlsx", [NAMES, *ROWS, TOTAL]), tmp_path / "evil.xlsx"
    with zipfile.ZipFile(good) as parts, zipfile.ZipFile(evil, "w") as made:
        for name in parts.namelist():
            content = parts.read(name)
            if name.endswith("sheet1.xml"):
                head, _, rest = content.partition(b"?>")
                content = head + b'?><!DOCTYPE x [<!ENTITY e "1"><!ENTITY f "&e;&e;">]>' + rest
            made.writestr(name, content)
    damaged = refusal(evil, program, form_of(StatementForm.XLSX))
    assert isinstance(damaged, NotThatForm)
    assert damaged.reason.startswith("it is damaged")


DOCUMENT = {
    "id": "ref",
    "order": "links.order",
    "card": "member",
    "miles": "points",
    "day": "booked_on",
    "state": "state",
}
OBJECTS = [
    {"ref": key, "links": {"order": order}, "member": card, "points": miles, "booked_on": day, "state": state}
    for key, order, card, miles, day, state in ROWS
]
HEAD = {"count": 2, "sum": 1940, "from": "2026-01-15", "to": "2026-01-15", "who": "Airline"}


def document_form(kind: StatementForm, **changes: Any) -> StatementFile:
    """Columns by JMESPath; control figures in their own place."""
    control = StatementControl(
        mark="head", count="head.count", total="head.sum", first_day="head.from", last_day="head.to",
        issuer="head.who", issuer_name="Airline",
    )  # fmt: skip
    return replace(form_of(kind, DOCUMENT), control=control, **changes)


@pytest.mark.parametrize("head_first", [True, False])
def test_a_document(program: Program, tmp_path: Path, *, head_first: bool) -> None:
    """Rows are found where the configuration says, whatever stands before and after them."""
    around = [("head", HEAD), ("data", {"note": [1, {"a": "]}"}], "rows": OBJECTS})]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(dict(around if head_first else reversed(around)), indent=1), encoding="utf-8-sig")
    statement, lines = read(path, program, document_form(StatementForm.JSON, rows="data.rows"))
    assert (told(lines), statement.quarantined, [it.row for it in lines]) == (MONTH, [], [1, 2])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"rows": [{"ref": 1}', "',' is missing: it is cut off or damaged"),
        ('{"rows": [{"ref": 1', "it is cut off or damaged"),
        ('{"rows": []} {}', "something follows after its end"),
        ('{"head": {}}', "it has no rows where they should be"),
        ('{"rows": [], "rows": []}', "a name is there twice, or is none"),
        ('{"rows": [{"a": 1, "a": 2}]}', "an object has a name twice"),
        ("[]", "'{' is missing: it is cut off or damaged"),
        ("[" * 100_000, "'{' is missing: it is cut off or damaged"),
        ('{"rows": ' + "[" * 100_000, "it is cut off or damaged"),
    ],
)
def test_what_is_no_such_document(program: Program, tmp_path: Path, text: str, reason: str) -> None:
    """It is refused whole, with what is wrong."""
    path = tmp_path / "a.json"
    path.write_text(text)
    assert refusal(path, program, document_form(StatementForm.JSON, rows="rows")) == NotThatForm("JSON", reason)


def test_a_document_without_its_figures(program: Program, tmp_path: Path) -> None:
    """Nothing proves that it is whole."""
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"rows": OBJECTS}))
    found = refusal(path, program, document_form(StatementForm.JSON, rows="rows"))
    assert not isinstance(found, NotThatForm)


@pytest.mark.parametrize("place", list(ControlPlace))
def test_documents_on_lines(program: Program, tmp_path: Path, place: ControlPlace) -> None:
    """A broken line is set aside; the head may come first or last, and only there."""
    lines = [json.dumps(it) for it in OBJECTS]
    head = json.dumps({"head": HEAD | {"count": 3}})
    lines = [head, *lines, "{oops"] if place is ControlPlace.FIRST else [*lines, "{oops", head]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(lines))
    form = document_form(StatementForm.JSON_LINES)
    form = replace(form, control=replace(form.control, place=place))
    statement, found = read(path, program, form)
    assert told(found) == MONTH
    assert [it.reason for it in statement.quarantined] == ["is not a JSON document"]
    other = ControlPlace.LAST if place is ControlPlace.FIRST else ControlPlace.FIRST
    turned = refusal(path, program, replace(form, control=replace(form.control, place=other)))
    assert turned == ControlRowMissing("head", 4)


FIXED = {"id": "1-8", "order": "9-44", "card": "45-52", "miles": "53-60", "day": "61-70", "state": "71-80"}


def fixed(row: tuple[object, ...], widths: tuple[int, ...] = (8, 36, 8, 8, 10, 10)) -> str:
    """A line in which everything has its place."""
    return "".join(str(value).ljust(width) for value, width in zip(row, widths, strict=True))


def test_fixed_width(program: Program, tmp_path: Path) -> None:
    """By characters, with the control line first; a line that is too short is set aside, not guessed."""
    path = tmp_path / "a.txt"
    lines = [fixed((*TOTAL[:2], 3, *TOTAL[3:])), *map(fixed, ROWS), fixed(ROWS[0])[:58]]
    path.write_text("\r\n".join(lines), encoding="utf-8-sig")
    form = form_of(StatementForm.FIXED, FIXED)
    form = replace(form, control=replace(form.control, place=ControlPlace.FIRST))
    statement, found = read(path, program, form)
    assert told(found) == MONTH
    assert [(it.line, it.reason) for it in statement.quarantined] == [(4, "is shorter than 80 characters")]


def test_fixed_width_by_bytes(program: Program, tmp_path: Path) -> None:
    """In GB 18030 a Chinese letter takes two places; cut in two, it makes its row unreadable."""
    path = tmp_path / "a.txt"
    state = "成功".encode("gb18030") + b" " * 6
    split = b" " * 8 + "成".encode("gb18030")[:1] + b" "
    rows = [fixed(ROWS[0])[:70].encode() + state, fixed(("A-3", "", "M3", 7, "2026-01-15", ""))[:70].encode() + split]
    path.write_bytes(b"\n".join([*rows, fixed(("TOTAL", "Airline", 2, 1987, "2026-01-15", "2026-01-15")).encode()]))
    form = form_of(StatementForm.FIXED, FIXED, unit=Unit.BYTES, encoding=Encoding.GB18030, booked=("成功",))
    statement, found = read(path, program, form)
    assert told(found) == MONTH[:1]
    assert [it.reason for it in statement.quarantined] == ["is not written in gb18030"]


def csv(path: Path, rows: list[tuple[object, ...]], *, encoding: str = "utf-8") -> Path:
    """A text with headers."""
    path.write_text("\n".join(",".join(map(str, row)) for row in rows), encoding=encoding)
    return path


def test_signs_digits_marks_and_days_as_configured(program: Program, tmp_path: Path) -> None:
    """Words for signs, groups of thousands, full-width digits and other days are read where they were agreed."""
    rows: list[tuple[object, ...]] = [
        (*NAMES, "way"),
        ("A-1", "", "M1", '"１,９８０"', "20260115", "ok", "收入"),
        ("A-2", "", "M2", "40", "15.1.2026", "ok", "支出"),
        ("TOTAL", "Airline", 2, '"1,940"', "20260115", "20260115", ""),
    ]
    form = form_of(
        StatementForm.CSV, gains=("收入",), loses=("支出",), grouping_mark=",", full_width_digits=True,
        dates=(DateForm.COMPACT, DateForm.DAY_FIRST),
    )  # fmt: skip
    form = replace(form, columns=replace(form.columns, sign="way"))
    path = csv(tmp_path / "a.csv", rows)
    assert [it.line.amount for it in read(path, program, form)[1]] == [1980, -40]
    as_brand = replace(form, seen_by_brand=True)
    assert [it.line.amount for it in read(path, program, as_brand)[1]] == [-1980, 40]
    strict = replace(form, full_width_digits=False)
    statement, _ = read(path, program, strict)
    assert [it.reason for it in statement.quarantined] == ["is not written in plain digits"]


def test_money_beside_points(program: Program, tmp_path: Path) -> None:
    """A row may say what it is worth in CNY; its sum is proved as well."""
    rows: list[tuple[object, ...]] = [
        (*NAMES, "cny"), (*ROWS[0], "148.50"), (*ROWS[1], ""), (*TOTAL, "148.50"),
    ]  # fmt: skip
    form = form_of(StatementForm.CSV, money=MoneyTolerance(absolute=0, basis_points=0))
    form = replace(form, columns=replace(form.columns, value="cny"), control=replace(form.control, value_total="cny"))
    _, found = read(csv(tmp_path / "a.csv", rows), program, form)
    assert [it.money.amount if it.money else None for it in found] == [148_500_000, None]
    wrong = [*rows[:-1], (*TOTAL, "148.51")]
    assert refusal(csv(tmp_path / "b.csv", wrong), program, form) == TotalDiffers("CNY 148.510000", "CNY 148.500000")
    broken = [*rows[:-1], (*TOTAL, "x")]
    found_broken = refusal(csv(tmp_path / "c.csv", broken), program, form)
    assert found_broken == ControlRowBroken(4, "cny", "is not an amount with at most 6 decimals")


def test_our_reference_in_a_brands_spelling(program: Program, tmp_path: Path) -> None:
    """Without dashes, in capitals, or as the instruction that we sent: it is the exchange's, or the reversal's."""
    plain = OURS.replace("-", "")
    written = [plain.upper(), f"{plain}-target-credit", f"{plain}-source-reversal-2", "what is this"]
    rows: list[tuple[object, ...]] = [NAMES]
    rows += [(f"A-{n}", text, "", 1, "2026-01-15", "ok") for n, text in enumerate(written)]
    path = csv(tmp_path / "a.csv", [*rows, ("TOTAL", "Airline", 4, 4, "2026-01-15", "2026-01-15")])
    _, found = read(path, program, form_of(StatementForm.CSV))
    reversed_as = str(reversal_id(UUID(OURS), 2))
    assert [it.line.reference for it in found] == [OURS, OURS, reversed_as, "what is this"]
