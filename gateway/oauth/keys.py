"""The RSA keys that sign access tokens, kept in AGIO_HOME and shared by all processes of an installation."""

import os
from pathlib import Path
from typing import Any

from joserfc.jwk import RSAKey

from core.file_locks import locked
from core.ids import new_id

KEY_BITS = 2048
KEYS_KEPT = 3
"""The signing key and those before it, whose tokens are still accepted until they expire."""


class SigningKeys:
    """The keys in one folder, one `<kid>.pem` each; ids are time-ordered, so the last one signs.

    The folder is read again when it changes, so a rotation reaches every running process.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._changed_ns = -1
        self._keys: dict[str, RSAKey] = {}
        _ensure_one(folder)

    def signing(self) -> RSAKey:
        """The key that signs now."""
        keys = self._current()
        return keys[max(keys)]

    def verifying(self, kid: str) -> RSAKey | None:
        """The key called `kid`; None when there is no such key any more."""
        return self._keys.get(kid) or self._current().get(kid)

    def public(self) -> dict[str, list[dict[str, Any]]]:
        """The public halves as a JSON Web Key Set, newest first."""
        keys = self._current()
        return {"keys": [dict(keys[kid].as_dict(private=False)) for kid in sorted(keys, reverse=True)]}

    def rotate(self) -> str:
        """Make a new signing key, forget the oldest; returns the new key's id."""
        with locked(self._folder / "lock"):
            kid = _make(self._folder)
            for path in sorted(self._folder.glob("*.pem"))[:-KEYS_KEPT]:
                path.unlink()
        return kid

    def _current(self) -> dict[str, RSAKey]:
        changed_ns = self._folder.stat().st_mtime_ns
        if changed_ns != self._changed_ns:
            self._keys = {path.stem: _read(path) for path in self._folder.glob("*.pem")}
            self._changed_ns = changed_ns
        return self._keys


def _ensure_one(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with locked(folder / "lock"):
        if not any(folder.glob("*.pem")):
            _make(folder)


def _make(folder: Path) -> str:
    kid = str(new_id())
    staged = folder / f"{kid}.new"
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(RSAKey.generate_key(KEY_BITS).as_pem(private=True))
        file.flush()
        os.fsync(file.fileno())
    staged.rename(folder / f"{kid}.pem")
    return kid


def _read(path: Path) -> RSAKey:
    return RSAKey.import_key(path.read_bytes(), {"kid": path.stem, "use": "sig", "alg": "RS256"})
