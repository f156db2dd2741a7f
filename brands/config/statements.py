"""What must hold for the files in which a brand delivers its members and states its movements."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Final

from brands.adapter.templates import BadTemplate, compiled
from brands.config.problems import Path, Problems
from brands.member_file import Encoding, MemberFile
from brands.statement_file import StatementFile, StatementForm, Unit

POSITIONS: Final = re.compile(r"([1-9]\d{0,4})-([1-9]\d{0,4})", re.ASCII)
"""Where something stands in a line of fixed width: from one place to another, both included, counted from 1."""

_NOT_PLACES: Final = frozenset({"mark", "issuer_name", "place"})


def check_file(path: Path, file: MemberFile | StatementFile, problems: Problems) -> None:
    """Note everything about dates and marks that does not hold."""
    if not file.dates:
        problems.add((*path, "dates"), "At least one form of date is needed.")
    if file.grouping_mark == file.decimal_mark:
        problems.add((*path, "grouping_mark"), "The grouping mark cannot be the decimal mark.")


def check_statement_file(path: Path, file: StatementFile, problems: Problems) -> None:
    """Note everything that does not hold."""
    check_file(path, file, problems)
    if (file.columns.status is None) == bool(file.booked):
        problems.add((*path, "booked"), "Write a status column and the words that mean booked, or neither.")
    if set(file.booked) & set(file.failed):
        problems.add((*path, "failed"), "A word cannot mean both booked and failed.")
    if (file.columns.sign is None) == bool(file.gains and file.loses):
        problems.add((*path, "gains"), "Write a sign column and the words for both ways, or neither.")
    if set(file.gains) & set(file.loses):
        problems.add((*path, "loses"), "A word cannot mean both ways.")
    if (file.columns.value is None) != (file.money is None):
        problems.add((*path, "money"), "Write a column for CNY and how much of it is tolerated, or neither.")
    _check_form(path, file, problems)


def _check_form(path: Path, file: StatementFile, problems: Problems) -> None:
    for name, form in (("sheet", StatementForm.XLSX), ("rows", StatementForm.JSON)):
        if getattr(file, name) is not None and file.form is not form:
            problems.add((*path, name), f"Only a file in the form {form} has this.")
    if file.form is StatementForm.JSON and file.rows is None:
        problems.add((*path, "rows"), "Write the names that lead to the rows: the control figures stand around them.")
    if file.unit is Unit.BYTES and file.encoding is Encoding.UTF_16:
        problems.add((*path, "unit"), "In UTF-16, positions are counted in characters.")
    for key, written in _places(file):
        wrong = _fault(file.form, written)
        if wrong:
            problems.add((*path, *key), wrong)


def _places(file: StatementFile) -> Iterator[tuple[tuple[str, str], str]]:
    for table in ("columns", "control"):
        for name, written in asdict(getattr(file, table)).items():
            if written is not None and name not in _NOT_PLACES:
                yield (table, name), written


def _fault(form: StatementForm, written: str) -> str:
    if form is StatementForm.FIXED:
        found = POSITIONS.fullmatch(written)
        ordered = found is not None and int(found[1]) <= int(found[2])
        return "" if ordered else "In a file of fixed width this must say where it stands, such as 1-12."
    if form in {StatementForm.JSON, StatementForm.JSON_LINES}:
        try:
            compiled(written)
        except BadTemplate as error:
            return str(error)
    return ""
