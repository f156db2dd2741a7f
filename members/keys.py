"""Personal data at rest: keyed hashes to find it by, and a key of its own for each record to read it with."""

import hashlib
import hmac
import os
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.errors import AgioError
from core.ids import name_id
from core.secrets import KEY_BYTES, derive_key
from members.identifiers import Identifier

_NONCE_BYTES: Final = 12


class Unreadable(AgioError):
    """The personal data cannot be read: another root secret wrote it, or somebody changed it."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """Cipher text under a key that only this record has, and that key under the installation's."""

    wrapped_key: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class MemberKeys:
    """The keys of the members package, derived from the installation's root secret."""

    _matching: bytes = field(repr=False)
    _wrapping: AESGCM = field(repr=False)

    @classmethod
    def from_root(cls, root: bytes) -> "MemberKeys":
        """Derive them. The same root secret gives the same keys for ever."""
        return cls(derive_key(root, "members.matching"), AESGCM(derive_key(root, "members.wrapping")))

    def identifier_id(self, identifier: Identifier) -> UUID:
        """The keyed hash by which the identifier is known: the same for everybody who has it."""
        return self._keyed_id("identifier", identifier.type, identifier.scope, identifier.value)

    def record_id(self, source: str, key: str) -> UUID:
        """The id of what `source` says about whom it knows as `key`: the same whenever and however it arrives."""
        return self._keyed_id("record", source, key)

    def digest(self, *parts: str) -> bytes:
        """A keyed hash of personal data, to see later whether it has changed."""
        return hmac.digest(self._matching, "\x1f".join(parts).encode(), hashlib.sha256)

    def seal(self, record_id: UUID, text: bytes) -> Sealed:
        """Encrypt a record's personal data under a new key of its own."""
        key = os.urandom(KEY_BYTES)
        return Sealed(_encrypt(self._wrapping, key, record_id), _encrypt(AESGCM(key), text, record_id))

    def open(self, record_id: UUID, sealed: Sealed) -> bytes:
        """Decrypt it. Raises Unreadable."""
        key = _decrypt(self._wrapping, sealed.wrapped_key, record_id)
        return _decrypt(AESGCM(key), sealed.body, record_id)

    def _keyed_id(self, *parts: str) -> UUID:
        return name_id(self.digest(*parts).hex())


def _encrypt(cipher: AESGCM, text: bytes, record_id: UUID) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, text, record_id.bytes)


def _decrypt(cipher: AESGCM, sealed: bytes, record_id: UUID) -> bytes:
    try:
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], record_id.bytes)
    except InvalidTag as broken:
        raise Unreadable("The personal data of a record cannot be read.") from broken
