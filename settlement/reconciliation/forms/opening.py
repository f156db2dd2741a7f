"""The reader of each form."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Final, Protocol

from brands import StatementFile, StatementForm
from core.table import open_table
from settlement.reconciliation.forms.documents import Document, Lines
from settlement.reconciliation.forms.source import Source
from settlement.reconciliation.forms.text import Delimited, Fixed
from settlement.reconciliation.forms.workbook import Workbook


class _Reader(Protocol):
    def __call__(self, file: FileIO, form: StatementFile, /) -> Source: ...


_READERS: Final[Mapping[StatementForm, _Reader]] = {
    StatementForm.CSV: Delimited,
    StatementForm.XLSX: Workbook,
    StatementForm.JSON: Document,
    StatementForm.JSON_LINES: Lines,
    StatementForm.FIXED: Fixed,
}


@contextmanager
def open_source(path: Path, form: StatementFile) -> Iterator[Source]:
    """The file at `path`, in its brand's form. Raises Unimportable."""
    with open_table(path) as file:
        yield _READERS[form.form](file, form)
