"""Secrets of endpoints: made here, shown once, kept as cipher text under a key of the installation."""

import os
from base64 import b64encode
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.secrets import derive_key

_PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32
_NONCE_BYTES: Final = 12


class EndpointSecrets:
    """Makes, seals and opens the secrets of one installation."""

    def __init__(self, root: bytes) -> None:
        self._cipher = AESGCM(derive_key(root, "webhooks.secrets"))

    def make(self) -> str:
        """A new secret, in the form of Standard Webhooks: `whsec_` and base64."""
        return _PREFIX + b64encode(os.urandom(_SECRET_BYTES)).decode()

    def seal(self, endpoint_id: UUID, secret: str) -> bytes:
        """Cipher text that opens for this endpoint only."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), endpoint_id.bytes)

    def open(self, endpoint_id: UUID, sealed: bytes) -> str:
        """The secret. Raises InvalidTag when it was sealed for another endpoint or by another installation."""
        nonce, text = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        return self._cipher.decrypt(nonce, text, endpoint_id.bytes).decode()
