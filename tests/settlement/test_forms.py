"""Statements as text: exactly these bytes."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settlement.csv_form import CsvForm, neutral
from settlement.json_form import JsonForm
from settlement.statement import Footing, Heading, Line, PaymentDue, StatementForm, Sum

HEADING = Heading(
    window=12,
    after=datetime(2026, 1, 1, tzinfo=UTC),
    cut_off_at=datetime(2026, 2, 1, tzinfo=UTC),
    participant="airline",
    name="航空",
    opening=-1_000,
    digest="d1" * 32,
)
LINE = Line(
    recorded_at=datetime(2026, 1, 5, 8, 30, 0, 123456, tzinfo=UTC),
    kind="POSITION_CREDIT",
    reference=UUID(int=7),
    transfer_id=UUID(int=8),
    counterparty="hotel",
    detail="HOTEL 3000 for MILES 1980",
    debit=0,
    credit=148_500_000,
    balance=148_499_000,
)
FOOTING = Footing(
    by_kind={"POSITION_CREDIT": Sum(0, 148_500_000, 1)},
    by_counterparty={"hotel": Sum(0, 148_500_000, 1)},
    total=Sum(0, 148_500_000, 1),
    closing=148_499_000,
    settled=148_490_000,
    payment_reference="RF00AGIO0000120001",
    carried=9_000,
)

CSV = """\
row,window,participant,recorded_at,kind,reference,transfer,counterparty,detail,debit,credit,balance
opening,12,airline,2026-01-01T00:00:00.000000+00:00,,,,,,,,-0.001000
line,12,airline,2026-01-05T08:30:00.123456+00:00,POSITION_CREDIT,00000000-0000-0000-0000-000000000007,\
00000000-0000-0000-0000-000000000008,hotel,HOTEL 3000 for MILES 1980,0.000000,148.500000,148.499000
kind,12,airline,,POSITION_CREDIT,,,,lines: 1,0.000000,148.500000,
counterparty,12,airline,,,,,hotel,lines: 1,0.000000,148.500000,
total,12,airline,,,,,,lines: 1,0.000000,148.500000,
closing,12,airline,2026-02-01T00:00:00.000000+00:00,,,,,,,,148.499000
settled,12,airline,2026-02-01T00:00:00.000000+00:00,,RF00AGIO0000120001,,,,,,148.490000
carried,12,airline,2026-02-01T00:00:00.000000+00:00,,,,,,,,0.009000
"""

JSON = """\
{"lines":[
{"balance":"148.499000","counterparty":"hotel","credit":"148.500000","debit":"0.000000",\
"detail":"HOTEL 3000 for MILES 1980","kind":"POSITION_CREDIT","recorded_at":"2026-01-05T08:30:00.123456+00:00",\
"reference":"00000000-0000-0000-0000-000000000007","transfer":"00000000-0000-0000-0000-000000000008"}
],"after":"2026-01-01T00:00:00.000000+00:00",\
"by_counterparty":{"hotel":{"credits":"148.500000","debits":"0.000000","lines":1}},\
"by_kind":{"POSITION_CREDIT":{"credits":"148.500000","debits":"0.000000","lines":1}},\
"carried":"0.009000","closing":"148.499000","currency":"CNY","cut_off_at":"2026-02-01T00:00:00.000000+00:00",\
"form":"agio.statement/1","opening":"-0.001000","participant":{"code":"airline","name":"航空"},\
"payment_reference":"RF00AGIO0000120001","settled":"148.490000","total":{"credits":"148.500000","debits":"0.000000","lines":1},"window":12}
"""


def written(form: type[CsvForm | JsonForm], *lines: Line, footing: Footing = FOOTING) -> bytes:
    """The whole statement in this form."""
    file = io.BytesIO()
    sheet: StatementForm = form(file)
    sheet.begin(HEADING)
    sheet.lines(lines)
    sheet.end(footing)
    return file.getvalue()


def test_csv() -> None:
    """A byte order mark, CRLF, and every row of the statement in one table."""
    assert written(CsvForm, LINE) == b"\xef\xbb\xbf" + CSV.replace("\n", "\r\n").encode()


def test_json() -> None:
    """One object, which any JSON reader takes, with a statement line on each line."""
    assert written(JsonForm, LINE) == JSON.encode()
    assert json.loads(JSON)["lines"][0]["detail"] == "HOTEL 3000 for MILES 1980"


@pytest.mark.parametrize("form", [CsvForm, JsonForm])
def test_a_statement_without_lines(form: type[CsvForm | JsonForm]) -> None:
    text = written(form).decode("utf-8-sig")
    if form is JsonForm:
        assert json.loads(text)["lines"] == []
    else:
        assert [row["row"] for row in csv.DictReader(io.StringIO(text))][:2] == ["opening", "kind"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\n=1", " =1", "＝1+1", "－2", "＠A"])
def test_what_a_spreadsheet_would_run_is_text(text: str) -> None:
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "hotel", "HOTEL 3000 for MILES 1980", "a=b", "湖畔酒店", "a-b"])
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert neutral(text) == text


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_survives_csv_and_json(counterparty: str, detail: str) -> None:
    """Quotes, commas, line ends and every alphabet: what is read is what was written."""
    line = Line(LINE.recorded_at, "FEE", None, LINE.transfer_id, counterparty, detail, 0, 1, 1)
    rows = list(csv.DictReader(io.StringIO(written(CsvForm, line).decode("utf-8-sig"), newline="")))
    assert (rows[1]["counterparty"], rows[1]["detail"]) == (neutral(counterparty), neutral(detail))
    (read,) = json.loads(written(JsonForm, line))["lines"]
    assert (read["counterparty"], read["detail"], read["reference"]) == (counterparty, detail, None)


def test_payments_both_ways_have_a_row_each() -> None:
    """Where not everything is set off, a participant may pay and be paid for the same window."""
    both = replace(FOOTING, payment_reference=None, payments=(PaymentDue(-20_000, "RF1"), PaymentDue(30_000, "RF2")))
    rows = list(csv.reader(io.StringIO(written(CsvForm, LINE, footing=both).decode("utf-8-sig"))))
    assert [(row[0], row[5], row[11]) for row in rows if row[0] in {"settled", "payment"}] == [
        ("settled", "", "148.490000"),
        ("payment", "RF1", "-0.020000"),
        ("payment", "RF2", "0.030000"),
    ]
    found = json.loads(written(JsonForm, LINE, footing=both))
    assert [(it["amount"], it["reference"]) for it in found["payments"]] == [("-0.020000", "RF1"), ("0.030000", "RF2")]
