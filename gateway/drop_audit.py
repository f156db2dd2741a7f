"""What the audit looks at of the files that are exchanged with brands: that they are what was written down."""

from collections.abc import Sequence
from typing import Final

from ledger import AuditCheck, SqlCheck

_CONTENT: Final = """
SELECT 'adapters_drop_file', id::text, 'content', digest, encode(sha256(content), 'hex')
FROM adapters_drop_file WHERE digest <> encode(sha256(content), 'hex') ORDER BY id
"""

_ROWS: Final = """
SELECT 'adapters_drop_file', file.id::text, 'row_count', file.row_count::text, count(instruction.id)::text
FROM adapters_drop_file AS file
LEFT JOIN adapters_drop_instruction AS instruction ON instruction.file_id = file.id
WHERE file.outgoing
GROUP BY file.id HAVING file.row_count <> count(instruction.id) ORDER BY file.id
"""

_ANSWERS: Final = """
SELECT 'adapters_drop_instruction', instruction.id::text, 'answer_id', 'an accepted file of its program and day',
    coalesce(answer.id::text, 'none')
FROM adapters_drop_instruction AS instruction
JOIN adapters_drop_file AS sent ON sent.id = instruction.file_id
LEFT JOIN adapters_drop_file AS answer
    ON answer.id = instruction.answer_id AND answer.state = 'accepted' AND answer.program_id = instruction.program_id
    AND answer.day = sent.day
WHERE instruction.outcome IS NOT NULL AND answer.id IS NULL ORDER BY instruction.id
"""

CHECKS: Final[Sequence[AuditCheck]] = (
    SqlCheck("drop-file-contents", _CONTENT),
    SqlCheck("drop-file-rows", _ROWS),
    SqlCheck("drop-answers", _ANSWERS),
)
"""A file's content has its digest, an outgoing one carries what points to it, and every answer came in a file."""
