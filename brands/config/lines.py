"""On which line of a TOML text a key stands: the standard library's parser does not say.

The text is known to be valid, so this only has to find keys, not to judge them. Keys of inline tables are placed at
the nearest key above them.
"""

import re
from collections.abc import Iterator, Mapping

from brands.config.problems import Path

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_HEADER = re.compile(rf"[ \t]*\[[ \t]*({_DOTTED})[ \t]*\]")
_ENTRY = re.compile(rf"[ \t]*({_DOTTED})[ \t]*=")
_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}' + r"|'''.*?'{3,5}" + r'|"(?:[^"\\\n]|\\.)*"' + r"|'[^'\n]*'|#[^\n]*|[\[\]{}\n]",
    re.DOTALL,
)


def lines_of(text: str) -> Mapping[Path, int]:
    """The line, from 1, of every table header and of every key that begins a line."""
    found: dict[Path, int] = {}
    table: Path = ()
    for number, offset in _statements(text):
        if header := _HEADER.match(text, offset):
            table = _keys(header[1])
            found.update((table[:length], number) for length in range(1, len(table) + 1) if table[:length] not in found)
        elif entry := _ENTRY.match(text, offset):
            found.setdefault((*table, *_keys(entry[1])), number)
    return found


def line_of(lines: Mapping[Path, int], path: Path) -> int | None:
    """The line of `path`, or of the nearest table above it; None when there is none."""
    above = (path[:length] for length in range(len(path), 0, -1))
    return next((lines[part] for part in above if part in lines), None)


def _statements(text: str) -> Iterator[tuple[int, int]]:
    """Line and offset at which each line begins that is not the inside of a list or a multi-line string."""
    yield 1, 0
    depth, number = 0, 1
    for token in _TOKEN.finditer(text):
        written = token[0]
        number += written.count("\n")
        depth += (written in "[{") - (written in "]}")
        if written == "\n" and not depth:
            yield number, token.end()


def _keys(dotted: str) -> Path:
    return tuple(key.strip("\"'") for key in re.findall(_KEY, dotted))
