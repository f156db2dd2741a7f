"""What the audit looks at on behalf of the statements that participants were given."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from core.database import Connection
from ledger.audit import Books, Finding, Span
from settlement.advice_rows import Advised, Key, advised, comparable
from settlement.advising import StatementFile, remembered, write_statements
from settlement.errors import BooksBroken
from settlement.files import unwritten
from settlement.forms import Format
from settlement.steps import Status
from settlement.windows import Window, find, netted_windows


class AdviceAsWritten:
    """Every statement that was given out can be written again, byte for byte.

    Writing again takes as long as it took the first time. So windows are passed over whose remembered files are whole
    (every participant in every format, with as many lines as were counted) and are those that were sealed when they
    were written: their lines are the ledger's, which proves itself. `rewrite`: pass none over.
    """

    name = "statements-as-written"

    def __init__(self, *, rewrite: bool = False) -> None:
        self._rewrite = rewrite

    async def spans(self, connection: Connection, books: Books) -> Sequence[Span]:
        """One for each window that is written again."""
        del books
        if self._rewrite:
            return [(window_id,) for window_id in await netted_windows(connection)]
        return [(row["id"],) for row in await connection.fetch(_DOUBTFUL, [written.value for written in Format])]

    async def look(self, connection: Connection, span: Span) -> Sequence[Finding]:
        """What differs between the files as they were and as they would be written now."""
        window = await find(connection, span[0])
        assert window is not None, "it was there when the audit was divided"
        if not window.status.has_reached(Status.ADVISED):
            return []
        kept = await advised(connection, window.id)
        try:
            files = await write_statements(connection, window, Path(), opening=unwritten)
        except BooksBroken as broken:
            return [Finding(self.name, "settlement_advice", f"window {window.number}", "*", "statements", str(broken))]
        found = _differences(window, self.name, files, kept)
        return found or ([] if self._rewrite else [_unsealed(window, self.name)])


def _unsealed(window: Window, check: str) -> Finding:
    where = f"window {window.number}"
    return Finding(check, "settlement_advice_seal", where, "digest", "the digest of the files", "another one")


def _differences(
    window: Window, check: str, files: Sequence[StatementFile], kept: Mapping[Key, Advised]
) -> list[Finding]:
    written = {(file.participant_id, file.format.value): remembered(file) for file in files}
    return [
        Finding(check, "settlement_advice", f"window {window.number}: {who} {format_}", column, should, found)
        for who, format_ in sorted(written.keys() | kept.keys(), key=str)
        for column, should, found in _cells(written.get((who, format_)), kept.get((who, format_)), format_)
    ]


def _cells(written: Advised | None, kept: Advised | None, format_: str) -> list[tuple[str, str | None, str | None]]:
    columns = _COLUMNS if kept is None or comparable(kept, Format(format_)) else ("file_name", "lines")
    pairs = [(column, _text(written, column), _text(kept, column)) for column in columns]
    return [(column, should, found) for column, should, found in pairs if should != found]


def _text(file: Advised | None, column: str) -> str | None:
    return None if file is None else str(getattr(file, column))


_COLUMNS: Final = ("file_name", "sha256", "size_bytes", "lines")

_DOUBTFUL: Final = """
SELECT window_.id
FROM settlement_window AS window_
WHERE status IN ('ADVISED', 'INSTRUCTED', 'FUNDED', 'SETTLED') AND (
    settlement_advice_digest(window_.id) IS DISTINCT FROM (
        SELECT digest FROM settlement_advice_seal WHERE window_id = window_.id ORDER BY sequence DESC LIMIT 1)
    OR (SELECT count(*) FROM settlement_advice WHERE window_id = window_.id)
        <> (SELECT count(*) * cardinality($1::text[]) FROM settlement_position WHERE window_id = window_.id)
    OR EXISTS (
        SELECT FROM settlement_position AS position
        CROSS JOIN unnest($1::text[]) AS written (format)
        LEFT JOIN settlement_advice AS advice USING (window_id, participant_id, format)
        WHERE position.window_id = window_.id AND advice.lines IS DISTINCT FROM (
            SELECT coalesce(sum(lines), 0) FROM settlement_subtotal AS subtotal
            WHERE subtotal.window_id = position.window_id AND subtotal.participant_id = position.participant_id)
    )
)
ORDER BY number
"""
