"""The secrets of OAuth2 clients: kept as salted scrypt hashes, so that a copy of the table opens nothing."""

import hashlib
import hmac
import os
import secrets
from base64 import b64decode, b64encode
from typing import Final

SECRET_LENGTH_MIN: Final = 16
"""Characters of a secret that an installation gives itself."""

_COST, _BLOCK, _LANES = 2**14, 8, 1
"""16 MiB and some 50 ms of one core for each attempt."""


def new_secret() -> str:
    """A secret that nobody guesses: 256 random bits."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """`scrypt$cost$block$lanes$salt$hash`. Takes some 50 ms."""
    salt = os.urandom(16)
    digest = _scrypt(secret, salt, _COST, _BLOCK, _LANES)
    return "$".join(("scrypt", str(_COST), str(_BLOCK), str(_LANES), _text(salt), _text(digest)))


def secret_fits(secret: str, secret_hash: str) -> bool:
    """Whether `secret` has that hash, in a time that does not depend on where they differ. Takes some 50 ms."""
    _, cost, block, lanes, salt, digest = secret_hash.split("$")
    made = _scrypt(secret, b64decode(salt), int(cost), int(block), int(lanes))
    return hmac.compare_digest(made, b64decode(digest))


def _scrypt(secret: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    return hashlib.scrypt(secret.encode(errors="surrogatepass"), salt=salt, n=cost, r=block, p=lanes, dklen=32)


def _text(content: bytes) -> str:
    return b64encode(content).decode()
