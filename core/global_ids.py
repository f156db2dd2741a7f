"""Ids as the outside sees them: opaque, the kind of thing and its key inside. The graph and webhooks use the same."""

from base64 import b64encode
from uuid import UUID


def global_id(kind: str, key: UUID) -> str:
    """The id of the thing of this kind."""
    return b64encode(f"{kind}:{key}".encode()).decode()
