"""One root secret per installation; every other key is derived from it by name."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


def root_secret(home: Path) -> bytes:
    """The installation's root secret: made on first use, kept in `home/root.key`, readable by its owner only."""
    path = home / "root.key"
    home.mkdir(parents=True, exist_ok=True)
    staged = home / f"root.key.{os.getpid()}"
    if not path.exists():
        _write_private(staged, os.urandom(KEY_BYTES))
        _link_if_absent(staged, path)
    return path.read_bytes()


def derive_key(root: bytes, name: str) -> bytes:
    """The 32-byte key called `name` (HKDF-SHA256)."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=name.encode()).derive(root)


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _link_if_absent(staged: Path, path: Path) -> None:
    # A link either appears whole or not at all, so two processes that start together agree on one secret.
    try:
        os.link(staged, path)
    except FileExistsError:
        pass
    finally:
        staged.unlink()
