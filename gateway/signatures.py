"""The router's signature on calls to /subgraph, as Hive Gateway makes it (`hmacSignature`).

The router puts a base64 HMAC-SHA256 into `extensions["hmac-signature"]`, over the JSON of query and variables with
sorted keys and no spaces. Tokens are checked as everywhere: the signature opens the door, it does not replace them.
"""

import hmac
from base64 import b64encode
from typing import Any

import orjson

from schema.errors import Forbidden

EXTENSION = "hmac-signature"


def signature(secret: str, body: dict[str, Any]) -> str:
    """The signature of a GraphQL request's body."""
    signed = {"query": body.get("query")}
    if body.get("variables"):
        signed["variables"] = body["variables"]
    return b64encode(hmac.digest(secret.encode(), orjson.dumps(signed, option=orjson.OPT_SORT_KEYS), "sha256")).decode()


def check_signature(secret: str | None, body: dict[str, Any]) -> None:
    """Raise Forbidden unless the body is signed. Without a secret nobody is let in."""
    extensions = body.get("extensions")
    given = extensions.get(EXTENSION) if isinstance(extensions, dict) else None
    if not secret or not isinstance(given, str) or not hmac.compare_digest(signature(secret, body), given):
        raise Forbidden("Only the router may call the subgraph, and it signs its calls.")
