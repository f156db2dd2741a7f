"""Files that appear whole or not at all."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path
from typing import BinaryIO

from core.ids import new_id


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that has been written."""

    path: Path
    sha256: str
    size_bytes: int


class HashingFile(BufferedIOBase):
    """A binary file that remembers the hash and the number of the bytes written to it."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]
        """Write all of it."""
        self._hash.update(content)
        self.size_bytes += len(content)
        return self._file.write(content)

    @property
    def sha256(self) -> str:
        """The hash of what was written, in hexadecimal."""
        return self._hash.hexdigest()


@contextmanager
def appearing(path: Path) -> Iterator[HashingFile]:
    """A file to write to; it becomes `path` at the end of the block, or nothing at all when the block raises.

    Raises OSError when the folder cannot be written to or is full.
    """
    for folder in reversed([path.parent, *path.parent.parents]):
        if not folder.is_dir():
            folder.mkdir(mode=0o750, exist_ok=True)
    staged = path.with_name(f".{path.name}.{new_id().hex}")
    try:
        with open(staged, "xb", buffering=1 << 20, opener=_for_us) as file:
            yield HashingFile(file)
            file.flush()
            os.fsync(file.fileno())
        staged.replace(path)
    finally:
        staged.unlink(missing_ok=True)


def _for_us(path: str, flags: int) -> int:
    return os.open(path, flags, 0o640)


@contextmanager
def unwritten(path: Path) -> Iterator[HashingFile]:
    """A file that is only hashed and counted: nothing appears at `path`."""
    del path
    with Path(os.devnull).open("wb") as file:
        yield HashingFile(file)
