"""Files that clients have sent and not used yet: kept whole for a day, each for the one who sent it."""

import hashlib
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from core.ids import instant_of, new_id

KEPT_FOR: Final = timedelta(days=1)
NAME_LENGTH_MAX: Final = 120

_TOLD: Final = ".upload.json"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent."""

    id: UUID
    path: Path
    """Ends with the name that the client gave it, as far as a file can have it."""
    sha256: str
    size_bytes: int


class TooLong(Exception):
    """More was sent than is taken."""


async def keep_upload(folder: Path, owner: str, name: str, chunks: AsyncIterator[bytes], bytes_max: int) -> Upload:
    """Keep what is sent, whole or not at all. Raises TooLong, and OSError when there is no room."""
    key = new_id()
    own = folder / str(key)
    own.mkdir(parents=True)
    try:
        path, digest, size = own / file_name(name), hashlib.sha256(), 0
        with path.open("xb") as file:
            async for chunk in chunks:
                size = _grown(size, chunk, bytes_max)
                digest.update(chunk)
                file.write(chunk)
        told = {"owner": owner, "name": path.name, "sha256": digest.hexdigest(), "size_bytes": size}
        (own / _TOLD).write_text(json.dumps(told))  # from here on it is there
    except BaseException:
        shutil.rmtree(own, ignore_errors=True)
        raise
    return Upload(key, path, told["sha256"], size)  # type: ignore[arg-type]


def _grown(size: int, chunk: bytes, bytes_max: int) -> int:
    if size + len(chunk) > bytes_max:
        raise TooLong
    return size + len(chunk)


def find_upload(folder: Path, owner: str, key: UUID) -> Upload | None:
    """The file, when this owner has sent it."""
    own = folder / str(key)
    try:
        told = json.loads((own / _TOLD).read_text())
    except OSError:
        return None
    if told["owner"] != owner:
        return None
    return Upload(key, own / told["name"], told["sha256"], told["size_bytes"])


def forget_uploads(folder: Path, now: datetime) -> None:
    """Remove what is older than a day, and what was never finished."""
    for own in folder.iterdir() if folder.is_dir() else ():
        try:
            sent_at = instant_of(UUID(own.name))
        except ValueError:
            continue
        if now - sent_at > KEPT_FOR:
            shutil.rmtree(own, ignore_errors=True)


def file_name(name: str) -> str:
    """A name that a file can have, and that leads nowhere else."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(character for character in last if character.isprintable()).lstrip(".")
    while len(kept.encode()) > NAME_LENGTH_MAX:
        kept = kept[1:]
    return kept or "file"
