"""Statements as workbooks: every figure a number, every text a text, the same bytes every time."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
from openpyxl import load_workbook

from settlement.files import HashingFile
from settlement.statement import Footing, Heading, Line, PaymentDue
from settlement.xlsx_form import XlsxForm
from tests.settlement.test_forms import FOOTING, HEADING, LINE
from tests.settlement.test_printed import PAYING

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", '=HYPERLINK("http://example.com")', "{=1}", "http://example.com"]


def written(*lines: Line, heading: Heading = HEADING, footing: Footing = FOOTING) -> bytes:
    """The workbook with these lines."""
    file = io.BytesIO()
    form = XlsxForm(cast("BinaryIO", HashingFile(file)))
    form.begin(heading)
    for line in lines:
        form.lines([line])
    form.end(footing)
    return file.getvalue()


def cells(content: bytes, sheet: str) -> list[list[Any]]:
    """The values of a sheet."""
    return [[cell.value for cell in row] for row in load_workbook(io.BytesIO(content))[sheet].rows]


def test_the_figures_are_numbers() -> None:
    found = {row[0]: row[1:] for row in cells(written(LINE), "Figures")}
    assert found["opening"][1] == -0.001
    assert found["kind"][:4] == ["POSITION_CREDIT", 0, 148.5, "1"]
    assert found["total"][1:4] == [0, 148.5, "1"]
    assert found["closing"][1] == 148.499
    assert found["settled"][:2] == ["RF00AGIO0000120001", 148.49]
    assert found["carried"][1] == 0.009
    assert found["digest of the window's figures"][0] == HEADING.digest


def test_the_accounts_are_texts() -> None:
    """A number of sixteen digits keeps them all."""
    found = {row[0]: row[1:4] for row in cells(written(heading=replace(HEADING, paying=PAYING)), "Figures")}
    assert found["due on"][0] == "2026-02-03"
    assert found["account of the participant"] == ["航空股份有限公司", "6222000000022", "102290000003"]
    assert found["account of the clearing house"] == ["清算有限公司", "6222000000010", "104100000004"]


def test_a_line_is_a_row() -> None:
    assert cells(written(LINE), "Lines 1")[1:] == [
        [
            "2026-01-05T08:30:00.123456+00:00",
            "POSITION_CREDIT",
            "00000000-0000-0000-0000-000000000007",
            "00000000-0000-0000-0000-000000000008",
            "hotel",
            "HOTEL 3000 for MILES 1980",
            0,
            148.5,
            148.499,
        ]
    ]


def test_a_statement_without_lines_has_no_sheet_for_them() -> None:
    assert load_workbook(io.BytesIO(written())).sheetnames == ["Figures"]


@pytest.mark.parametrize("text", FORMULAS)
def test_text_never_becomes_a_formula(text: str) -> None:
    """Nor a link: whatever a brand calls itself is a text, the same text."""
    book = load_workbook(io.BytesIO(written(replace(LINE, detail=text, counterparty=text))))
    for cell in book["Lines 1"][2][4:6]:
        assert (cell.data_type, cell.value, cell.hyperlink) == ("s", text, None)


def test_what_a_spreadsheet_would_round_is_a_text() -> None:
    """Fifteen digits are exact in a cell; the sixteenth is not."""
    exact, long = 999_999_999_999_999, 1_000_000_000_000_001
    rows = cells(written(replace(LINE, debit=exact, balance=-long)), "Lines 1")
    assert rows[1][6:] == [999_999_999.999999, 148.5, "-1000000000.000001"]


def test_another_sheet_begins_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("settlement.xlsx_form.LINES_PER_SHEET", 2)
    lines = [replace(LINE, detail=str(place)) for place in range(5)]
    content = written(*lines)
    assert load_workbook(io.BytesIO(content)).sheetnames == ["Figures", "Lines 1", "Lines 2", "Lines 3"]
    found = [row[5] for number in (1, 2, 3) for row in cells(content, f"Lines {number}")[1:]]
    assert found == ["0", "1", "2", "3", "4"]


def test_payments_both_ways_have_a_row_each() -> None:
    both = replace(FOOTING, payment_reference=None, payments=(PaymentDue(-20_000, "RF1"), PaymentDue(30_000, "RF2")))
    found = [row[:3] for row in cells(written(LINE, footing=both), "Figures") if row[0] in {"settled", "payment"}]
    assert found == [["settled", None, 148.49], ["payment", "RF1", -0.02], ["payment", "RF2", 0.03]]


def test_the_bytes_are_the_same_every_time() -> None:
    assert written(LINE) == written(LINE)


def test_an_unfinished_workbook_is_let_go(tmp_path: Path) -> None:
    """Without a word, and without more bytes."""
    file = (tmp_path / "half.xlsx").open("wb", buffering=0)
    form = XlsxForm(cast("BinaryIO", file))
    form.begin(HEADING)
    form.lines([LINE])
    written_so_far = file.tell()
    form.discard()
    assert file.tell() == written_so_far
    file.close()
    form.discard()
