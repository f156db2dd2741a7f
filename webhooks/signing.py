"""The headers of Standard Webhooks: an id, an instant, and a signature for each secret that is valid."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from standardwebhooks import Webhook


def headers(event_id: UUID, body: str, secrets: Sequence[str], now: datetime) -> dict[str, str]:
    """What is sent beside `body`; the newest secret's signature comes first."""
    name = str(event_id)
    return {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(name, now, body) for secret in secrets),
    }
