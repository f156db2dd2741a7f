"""Statements as documents: complete, paged, with the letters of every script, the same bytes every time."""

import io
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import BinaryIO, cast

from pypdfium2 import PdfDocument

from settlement.cash import BankAccount
from settlement.files import HashingFile
from settlement.lettering import cut
from settlement.pdf_form import LINES_PRINTED_MAX, PdfForm
from settlement.pdf_page import printable
from settlement.statement import Footing, Heading, Line, Paying, PaymentDue
from tests.settlement.test_forms import FOOTING, HEADING, LINE

HOUSE = BankAccount("清算有限公司", "6222000000010", "104100000004")
AIRLINE = BankAccount("航空股份有限公司", "6222000000022", "102290000003")
PAYING = Paying(date(2026, 2, 3), HOUSE, AIRLINE)


def printed(*lines: Line, heading: Heading = HEADING, footing: Footing = FOOTING) -> bytes:
    """The document with these lines."""
    csv = HashingFile(cast("BinaryIO", io.BytesIO()))
    csv.write(b"the lines")
    file = io.BytesIO()
    form = PdfForm(
        cast("BinaryIO", file),
        cut([heading.name, HOUSE.holder, AIRLINE.holder, *heading.called.values()]),
        "airline.csv",
        csv,
    )
    form.begin(heading)
    form.lines(lines)
    form.end(footing)
    return file.getvalue()


def pages(content: bytes) -> list[str]:
    """What stands on each page, as another program reads it."""
    with closing(PdfDocument(content)) as document:
        return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]


def test_the_first_page_has_what_a_person_signs() -> None:
    (first, lines) = pages(printed(LINE))
    for expected in (
        *("Settlement statement 结算单", "航空", "The clearing house", "airline", "148.499000", "-0.001000"),
        "The clearing house pays the participant CNY 148.49, reference RF00AGIO0000120001.",
        *("For 航空 签字", "For the clearing house 签字", "Signature", "page 1 of 2", HEADING.digest),
    ):
        assert expected in first
    assert "airline.csv, 9 bytes, SHA-256 " in first.replace("\n", " ")
    assert LINE.detail in lines
    assert "page 2 of 2" in lines


def test_who_pays_is_said_the_right_way_round() -> None:
    (first, _) = pages(printed(LINE, footing=replace(FOOTING, settled=-1_234_567_500_000)))
    assert "The participant pays the clearing house CNY 1,234,567.50, reference" in first
    (first, _) = pages(printed(LINE, footing=replace(FOOTING, settled=0, payment_reference=None)))
    assert "Nothing is to be paid for this window." in first


def test_a_gross_payment_says_for_whom_it_is() -> None:
    """Also where there is one alone: to whom it is passed on, or from whom it comes."""
    named = replace(HEADING, called={"airline": "航空", "hotel": "Hôtel du Lac"})
    both = (PaymentDue(-5_000_000, "RF1", "hotel"), PaymentDue(7_000_000, "RF2", "coffee"))
    (first, _) = pages(
        printed(LINE, heading=named, footing=replace(FOOTING, settled=0, payment_reference=None, payments=both))
    )
    assert "The participant pays the clearing house CNY 5.00, for Hôtel du Lac (hotel), reference RF1." in first
    assert "The clearing house pays the participant CNY 7.00, from coffee, reference RF2." in first
    fee = replace(FOOTING, settled=-1_000_000, payment_counterparty="operator")
    assert "CNY 1.00, for the clearing house, reference" in pages(printed(LINE, heading=named, footing=fee))[0]
    (first, _) = pages(printed(LINE, heading=named, footing=replace(FOOTING, payment_counterparty="hotel")))
    assert "pays the participant CNY 148.49, from Hôtel du Lac (hotel), reference" in first


def test_both_parties_are_named_with_their_accounts_and_the_day() -> None:
    """Whoever signs sees who pays whom how much, in figures that nobody alters, where and until when."""
    named = {"airline": "航空", "hotel": "Hôtel du Lac"}
    (first, _) = pages(printed(LINE, heading=replace(HEADING, paying=PAYING, called=named)))
    for expected in (
        "Account of the participant 参与方账户: 航空股份有限公司, 6222000000022, bank 开户行 102290000003",
        "Account of the clearing house 清算方账户: 清算有限公司, 6222000000010, bank 开户行 104100000004",
        "In words 大写: 人民币壹佰肆拾捌元肆角玖分",
        "Due day 付款日: 2026-02-03. To the account 账户: 航空股份有限公司, 6222000000022",
        *("For 清算有限公司 签字", "For 航空 签字", "Hôtel du Lac (hotel)"),
    ):
        assert expected in first
    pays = replace(FOOTING, settled=-5_00_0000)
    (first, _) = pages(printed(LINE, heading=replace(HEADING, paying=PAYING), footing=pays))
    assert "大写: 人民币伍元整" in first
    assert "To the account 账户: 清算有限公司, 6222000000010" in first


def test_who_has_no_account_is_told_so() -> None:
    (first, _) = pages(printed(LINE, heading=replace(HEADING, paying=replace(PAYING, participant=None))))
    assert "Account of the participant 参与方账户: none registered" in first
    assert "To the account 账户: none registered" in first


def test_the_windows_days_are_those_at_the_bank() -> None:
    """A month that ends at midnight in Shanghai has no day of the next one."""
    first_day, midnight = datetime(2025, 12, 31, 16, tzinfo=UTC), datetime(2026, 1, 31, 16, tzinfo=UTC)
    (first, _) = pages(printed(LINE, heading=replace(HEADING, after=first_day, cut_off_at=midnight)))
    assert "Window 12: 2026-01-01 to 2026-01-31." in first
    (first, _) = pages(printed(LINE, heading=replace(HEADING, after=None)))
    assert "Window 12: up to and with 2026-02-01." in first


def test_payments_both_ways_are_both_said() -> None:
    both = replace(FOOTING, payment_reference=None, payments=(PaymentDue(-20_000, "RF1"), PaymentDue(30_000, "RF2")))
    (first, _) = pages(printed(LINE, footing=both))
    assert "The participant pays the clearing house CNY 0.02, reference RF1." in first
    assert "The clearing house pays the participant CNY 0.03, reference RF2." in first


def test_a_long_statement_carries_its_totals_and_names_the_file() -> None:
    assert len(pages(printed(*[LINE] * LINES_PRINTED_MAX))) > 2
    (only,) = pages(printed(*[LINE] * (LINES_PRINTED_MAX + 1)))
    assert f"{LINES_PRINTED_MAX + 1:,} lines: airline.csv" in only


def test_every_script_has_its_letters() -> None:
    """And what turns a line's direction round is not printed."""
    name = "汇丰酒店 匯豐 東京ホテル 서울 Ünï \u202egnp.exe"
    (first, _) = pages(printed(LINE, heading=replace(HEADING, name=name)))
    assert "汇丰酒店 匯豐 東京ホテル 서울 Ünï gnp.exe" in first
    assert printable("a\tb\u200fc") == "a b c"


def test_a_long_name_ends_in_an_ellipsis() -> None:
    (first, _) = pages(printed(LINE, heading=replace(HEADING, name="航" * 90)))
    assert "航…" in first


def test_the_bytes_are_the_same_every_time() -> None:
    assert printed(LINE) == printed(LINE)
