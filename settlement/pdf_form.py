"""Statements as a document that two persons sign: figures, digests, signature lines, and lines where they are few."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import BinaryIO, Final

from fpdf.enums import Align

from brands import OPERATOR_CODE
from core.amounts import format_amount
from settlement.capitals import capitals
from settlement.cash.account import BankAccount
from settlement.files import HashingFile
from settlement.netting import FEN_MICRO
from settlement.pdf_page import LINE_MM, MARGIN_MM, WIDTH_MM, Document
from settlement.schedules import BANK_DAY
from settlement.statement import SCALE, UNREGISTERED, Footing, Heading, Line, PaymentDue, Sum, instant, money

LINES_PRINTED_MAX: Final = 200
"""A statement with more lines carries its totals and names the CSV file that has the lines, by its hash."""

SIGNATURES_MM: Final = 48

HOUSE: Final = "The clearing house"

_INSTANT: Final = timedelta(microseconds=1)

_FIGURES: Final = ((WIDTH_MM - 60, Align.L), (60.0, Align.R))
_SUMS: Final = ((WIDTH_MM - 110, Align.L), (42.0, Align.R), (42.0, Align.R), (26.0, Align.R))
_LINES: Final = (
    *((26.0, Align.L), (27.0, Align.L), (20.0, Align.L), (41.0, Align.L)),
    *((20.0, Align.R), (20.0, Align.R), (20.0, Align.R)),
)


class PdfForm:
    """Written at the end, when everything is known; `csv` must be complete by then."""

    def __init__(self, file: BinaryIO, font: bytes, csv_name: str, csv: HashingFile) -> None:
        self._file, self._font = file, font
        self._csv_name, self._csv = csv_name, csv
        self._heading: Heading | None = None
        self._lines: list[Line] = []
        self._count = 0

    def begin(self, heading: Heading) -> None:
        """Whose document it is."""
        self._heading = heading

    def lines(self, lines: Sequence[Line]) -> None:
        """Keep the lines as long as they are few."""
        self._count += len(lines)
        self._lines = [] if self._count > LINES_PRINTED_MAX else [*self._lines, *lines]

    def end(self, footing: Footing) -> None:
        """All pages."""
        assert self._heading is not None
        heading = self._heading
        title = f"Settlement statement {heading.name} ({heading.participant}), window {heading.window}"
        foot = f"{heading.participant}, window {heading.window}, figures {heading.digest[:16]}"
        page = Document(self._font, title, foot, heading.cut_off_at)
        _head(page, heading)
        _amounts(page, heading, footing)
        _sums(page, "By kind", footing.by_kind)
        called = {_called(heading, code): found for code, found in footing.by_counterparty.items()}
        _sums(page, "By counterparty", called)
        self._digests(page, heading)
        _signatures(page, heading)
        self._listing(page)
        self._file.write(page.finished())

    def _digests(self, page: Document, heading: Heading) -> None:
        page.rule()
        page.say(f"Digest of the window's figures (SHA-256): {heading.digest}", 7.5)
        page.say(
            f"{self._count:,} lines: {self._csv_name}, {self._csv.size_bytes:,} bytes, SHA-256 {self._csv.sha256}", 7.5
        )

    def _listing(self, page: Document) -> None:
        if not self._lines:
            return
        page.add_page()
        page.say("Lines", 11)
        page.ln(1)
        heading = ("recorded at (UTC)", "kind", "counterparty", "detail", "debit", "credit", "balance")
        page.table(_LINES, heading, [_line(line) for line in self._lines], 6.5)


def _head(page: Document, heading: Heading) -> None:
    page.say("Settlement statement  结算单", 18)
    page.ln(1)
    page.say(f"Window {heading.window}: {_days(heading)}. Amounts in CNY.", 10)
    page.say(f"Recorded {_moment(heading)}.", 7.5)
    page.rule()
    half = ((WIDTH_MM / 2, Align.L), (WIDTH_MM / 2, Align.L))
    page.row(half, ("Participant  参与方", "Clearing house  清算方"), 7, 110)
    page.row(half, (heading.name, _house(heading)), 11)
    page.row(half, (heading.participant, "operator"), 8)
    _accounts(page, heading)
    page.rule()


def _house(heading: Heading) -> str:
    account = heading.paying and heading.paying.house
    return account.holder if account else HOUSE


def _signing(heading: Heading) -> str:
    house = _house(heading)
    return house if house != HOUSE else "the clearing house"


def _accounts(page: Document, heading: Heading) -> None:
    paying = heading.paying
    if paying is None:
        return
    page.ln(1)
    page.say(f"Account of the participant  参与方账户: {_account(paying.participant)}", 8)
    page.say(f"Account of the clearing house  清算方账户: {_account(paying.house)}", 8)


def _account(account: BankAccount | None) -> str:
    if account is None:
        return UNREGISTERED
    return f"{account.holder}, {account.number}, bank  开户行 {account.bank_code}"


def _days(heading: Heading) -> str:
    """Days at the bank: what ends at midnight ends with the day before."""
    last = (heading.cut_off_at - _INSTANT).astimezone(BANK_DAY).date()
    if heading.after is None:
        return f"up to and with {last}"
    return f"{heading.after.astimezone(BANK_DAY).date()} to {last}"


def _moment(heading: Heading) -> str:
    since = "from the beginning" if heading.after is None else f"after {_utc(heading.after)}"
    return f"{since}, up to and with {_utc(heading.cut_off_at)} UTC"


def _utc(at: datetime) -> str:
    return instant(at)[:26].replace("T", " ")


def _amounts(page: Document, heading: Heading, footing: Footing) -> None:
    rows = (
        ("Opening  期初", heading.opening),
        ("+ credits  贷方", footing.total.credits),
        ("- debits  借方", footing.total.debits),
        ("= closing  期末", footing.closing),
        ("settled  结算", footing.settled),
        ("carried to the next window  结转", footing.carried),
    )
    for name, amount in rows:
        page.row(_FIGURES, (name, _amount(amount)), 10)
    page.ln(1)
    payments = _payments(footing)
    for due in payments:
        _payment(page, heading, due)
    if not payments:
        page.say("Nothing is to be paid for this window.", 9.5)


def _payments(footing: Footing) -> Sequence[PaymentDue]:
    alone = footing.payment_reference
    return [PaymentDue(footing.settled, alone, footing.payment_counterparty)] if alone else footing.payments


def _payment(page: Document, heading: Heading, due: PaymentDue) -> None:
    page.say(_paid(heading, due), 9.5)
    page.say(f"In words  大写: {capitals(abs(due.amount) // FEN_MICRO)}", 9)
    paying = heading.paying
    if paying:
        payee = paying.participant if due.amount > 0 else paying.house
        page.say(f"Due day  付款日: {paying.due_on}. To the account  账户: {_account(payee)}", 9)
    page.ln(1)


def _paid(heading: Heading, due: PaymentDue) -> str:
    whole, _, fen = _amount(abs(due.amount)).rstrip("0").partition(".")
    who = "The clearing house pays the participant" if due.amount > 0 else "The participant pays the clearing house"
    end = "from" if due.amount > 0 else "for"
    named = "the clearing house" if due.counterparty == OPERATOR_CODE else _called(heading, due.counterparty)
    other = f", {end} {named}" if due.counterparty else ""
    return f"{who} CNY {whole}.{fen:0<2}{other}, reference {due.reference}."


def _called(heading: Heading, code: str) -> str:
    name = heading.called.get(code, code)
    return code if name == code else f"{name} ({code})"


def _sums(page: Document, title: str, sums: Mapping[str, Sum]) -> None:
    page.ln(3)
    rows = [
        (name, _amount(found.debits), _amount(found.credits), f"{found.lines:,}")
        for name, found in sorted(sums.items())
    ]
    page.table(_SUMS, (title, "debits", "credits", "lines"), rows)


def _signatures(page: Document, heading: Heading) -> None:
    page.keep_together(SIGNATURES_MM)
    page.ln(10)
    half = ((WIDTH_MM / 2, Align.L), (WIDTH_MM / 2, Align.L))
    page.row(half, (f"For {heading.name}  签字", f"For {_signing(heading)}  签字"), 9)
    for what in ("Name", "Date", "Signature"):
        page.ln(3)
        page.row(half, (what, what), 7.5, 110)
        for left in (MARGIN_MM + 20, MARGIN_MM + WIDTH_MM / 2 + 20):
            page.line(left, page.get_y(), left + WIDTH_MM / 2 - 28, page.get_y())
    page.ln(LINE_MM)


def _line(line: Line) -> Sequence[str]:
    at = instant(line.recorded_at)[:19].replace("T", " ")
    amounts = (money(line.debit), money(line.credit), money(line.balance))
    return (at, line.kind, line.counterparty, line.detail, *amounts)


def _amount(micro: int) -> str:
    whole, _, decimals = format_amount(abs(micro), SCALE).partition(".")
    return f"{'-' if micro < 0 else ''}{int(whole):,}.{decimals}"
