"""Reads a network file from disk: its bytes, its text, its TOML."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path as FilePath

from brands.errors import Problem

FILE_BYTES_MAX = 2 * 1024 * 1024
"""A larger network file is refused unread."""

_WHERE = re.compile(r"\s*\(at line (\d+), column \d+\)\Z")
_TWICE = re.compile(r"Cannot (?:declare|overwrite|mutate).*")


@dataclass(frozen=True, slots=True)
class Source:
    """A file that holds valid TOML."""

    name: str
    text: str
    tables: dict[str, object]


def read_source(path: FilePath) -> Source | Problem:
    """The file, or the one reason why nothing in it can be checked."""
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        return Problem("", f"The file cannot be read: {error.strerror or error}.", source=path.name)
    return parse_source(path.name, content)


def parse_source(name: str, content: bytes) -> Source | Problem:
    """The same for a file's bytes."""
    if len(content) > FILE_BYTES_MAX:
        return Problem("", f"The file is larger than {FILE_BYTES_MAX:,} bytes.", source=name)
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        return Problem("", "The file is not UTF-8 text.", content.count(b"\n", 0, error.start) + 1, name)
    return _parse(name, text)


def _parse(name: str, text: str) -> Source | Problem:
    try:
        return Source(name, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        return _undecodable(name, text, str(error))
    except (RecursionError, ValueError):
        return Problem("", "The file is nested too deeply or holds a number that is too long.", source=name)


def _undecodable(name: str, text: str, reason: str) -> Problem:
    where = _WHERE.search(reason)
    line = int(where[1]) if where else text.count("\n") + 1
    said = _WHERE.sub("", reason).removesuffix(" (at end of document)")
    if _TWICE.fullmatch(said):
        return Problem("", f"A table or key stands twice in the file: {said}.", line, name)
    return Problem("", f"The file is not valid TOML: {said}.", line, name)
