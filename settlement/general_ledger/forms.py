"""The journal as a table for any accounting system, and as a beancount file. Pure."""

import csv
import io
from collections.abc import Callable, Mapping
from datetime import date
from typing import BinaryIO, Final, Protocol

from core.amounts import format_amount
from core.codes import Code
from ledger.journal import Entry, Side
from settlement.csv_form import neutral
from settlement.general_ledger.chart import Chart
from settlement.statement import instant

Balances = Mapping[Side, int]
"""What each side holds: credits less debits, in minor units."""


class JournalForm(Protocol):
    """One way to write a journal down. Called in this order, `entry` any number of times."""

    def begin(self, day: date, opening: Balances, sides: Balances) -> None:
        """Write what stands above: the day from which it holds, what was held by then, and all sides that there are."""
        ...

    def entry(self, entry: Entry) -> None:
        """Write one entry."""
        ...

    def end(self, day: date, closing: Balances) -> None:
        """Write what stands below: what is held when the day begins."""
        ...


class CsvJournal:
    """UTF-8 with a byte order mark, a row for each entry; the first column says what a row is."""

    COLUMNS: Final = (
        *("row", "day", "recorded_at", "code", "transfers", "transfer", "reference"),
        *("asset", "amount", "debit", "credit"),
    )

    def __init__(self, file: BinaryIO, chart: Chart, scales: Mapping[str, int]) -> None:
        self._file, self._chart, self._scales = file, chart, scales

    def begin(self, day: date, opening: Balances, sides: Balances) -> None:
        """The column names and the opening balances."""
        del sides
        self._file.write(b"\xef\xbb\xbf")
        self._write(self.COLUMNS)
        self._balances("opening", day, opening)

    def entry(self, entry: Entry) -> None:
        """One row."""
        at = "" if entry.recorded_at is None else instant(entry.recorded_at)
        ids = tuple("" if it is None else str(it) for it in (entry.transfer_id, entry.reference))
        left = ("entry", str(entry.day), at, code_name(entry.code), str(entry.transfers), *ids)
        asset = entry.debit.asset
        sides = (neutral(self._chart.account(entry.debit)), neutral(self._chart.account(entry.credit)))
        self._write((*left, neutral(asset), format_amount(entry.amount, self._scales[asset]), *sides))

    def end(self, day: date, closing: Balances) -> None:
        """The closing balances."""
        self._balances("closing", day, closing)

    def _balances(self, row: str, day: date, held: Balances) -> None:
        for side, net_credit in sorted(held.items(), key=lambda item: self._chart.account(item[0])):
            name, amount = neutral(self._chart.account(side)), format_amount(abs(net_credit), self._scales[side.asset])
            sides = ("", name) if net_credit > 0 else (name, "")
            self._write((row, str(day), "", "", "", "", "", neutral(side.asset), amount, *sides))

    def _write(self, row: tuple[str, ...]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerow(row)
        self._file.write(text.getvalue().encode())


class BeancountJournal:
    """Debits are positive. Balance assertions at the end say what the ledger's own counters say."""

    def __init__(self, file: BinaryIO, chart: Chart, scales: Mapping[str, int]) -> None:
        self._file, self._chart, self._scales = file, chart, scales

    def begin(self, day: date, opening: Balances, sides: Balances) -> None:
        """All accounts, and one transaction with what they held."""
        self._say('option "title" "Agio"', 'option "operating_currency" "CNY"', "")
        for side in sorted(sides, key=self._chart.account):
            self._say(f"{day} open {self._chart.account(side)} {self._chart.commodity(side.asset)}")
        held = {side: amount for side, amount in opening.items() if amount}
        if held:
            self._say("", f'{day} * "opening balances"')
            for side, net_credit in sorted(held.items(), key=lambda item: self._chart.account(item[0])):
                self._post(side, -net_credit)
        self._say("")

    def entry(self, entry: Entry) -> None:
        """One transaction of two postings."""
        times = "" if entry.transfers == 1 else f" ({entry.transfers} transfers)"
        self._say(f'{entry.day} * "{code_name(entry.code)}{times}"')
        if entry.transfer_id is not None:
            self._say(f'  transfer: "{entry.transfer_id}"')
        if entry.reference is not None:
            self._say(f'  reference: "{entry.reference}"')
        self._post(entry.debit, entry.amount)
        self._post(entry.credit, -entry.amount)

    def end(self, day: date, closing: Balances) -> None:
        """An assertion for each account."""
        self._say("")
        for side, net_credit in sorted(closing.items(), key=lambda item: self._chart.account(item[0])):
            self._say(f"{day} balance {self._chart.account(side)} {self._amount(side, -net_credit)}")

    def _post(self, side: Side, amount: int) -> None:
        self._say(f"  {self._chart.account(side)} {self._amount(side, amount)}")

    def _amount(self, side: Side, amount: int) -> str:
        return f"{format_amount(amount, self._scales[side.asset])} {self._chart.commodity(side.asset)}"

    def _say(self, *lines: str) -> None:
        self._file.write("".join(f"{line}\n" for line in lines).encode())


JOURNAL_FORMS: Final[Mapping[str, Callable[[BinaryIO, Chart, Mapping[str, int]], JournalForm]]] = {
    "csv": CsvJournal,
    "beancount": BeancountJournal,
}
"""By the ending of the file's name."""


def code_name(code: int) -> str:
    """The name of a transfer's code, or its number."""
    return Code(code).name if code in set(Code) else str(code)
