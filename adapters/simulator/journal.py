"""An append-only file of JSON lines that outlives a killed process.

A line that was being written when the process died is no line: it is cut off before the next one is written.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar

import msgspec

Line = TypeVar("Line")


class Journal(Generic[Line]):
    """Lines of one type, in a file that only this process writes."""

    def __init__(self, path: Path, line: type[Line]) -> None:
        self._path = path
        self._decoder = msgspec.json.Decoder(line)
        self._encoder = msgspec.json.Encoder()
        self._file: BinaryIO | None = None

    def read(self) -> Iterator[Line]:
        """What was written so far. Raises msgspec.MsgspecError when the file is not a journal."""
        content = self._path.read_bytes() if self._path.exists() else b""
        whole = content[: content.rfind(b"\n") + 1]
        if whole != content:
            with self._path.open("r+b") as file:
                file.truncate(len(whole))
        return (self._decoder.decode(line) for line in whole.splitlines())

    def append(self, line: Line) -> None:
        """Write a line; once this returns, killing the process does not lose it."""
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("ab", buffering=0)
        self._file.write(self._encoder.encode(line) + b"\n")

    def close(self) -> None:
        """Give the file back."""
        if self._file is not None:
            self._file.close()
            self._file = None
