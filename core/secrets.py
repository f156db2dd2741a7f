"""One root secret per installation; every other key is derived from it by name."""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


def root_secret(home: Path) -> bytes:
    """The installation's root secret: made on first use, kept in `home/root.key`, readable by its owner only."""
    path = home / "root.key"
    home.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _write_once(path, os.urandom(KEY_BYTES))
    return path.read_bytes()


def derive_key(root: bytes, name: str) -> bytes:
    """The 32-byte key called `name` (HKDF-SHA256)."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=name.encode()).derive(root)


def _write_once(path: Path, content: bytes) -> None:
    # A link appears whole or not at all, and once: those who start together agree on one secret.
    with NamedTemporaryFile(dir=path.parent, prefix=f"{path.name}.") as staged:
        staged.write(content)
        staged.flush()
        os.fsync(staged.fileno())
        with suppress(FileExistsError):
            os.link(staged.name, path)
