"""A brand's server that receives webhooks, with nothing but the standard library.

    AGIO_WEBHOOK_SECRET=whsec_… python examples/webhooks/receive.py 8080

It prints the port it listens on, and then each event once, however often it is sent.
"""

import base64
import hashlib
import hmac
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

TOLERANCE_SECONDS = 300
SECRET = base64.b64decode(os.environ["AGIO_WEBHOOK_SECRET"].removeprefix("whsec_"))
TAKEN: set[str] = set()
"""Ids of events that were taken. Keep them in a database, in the transaction that acts on the event."""


def genuine(event_id: str, timestamp: str, body: bytes, signatures: str) -> bool:
    """Whether one of the signatures is ours, and made a moment ago."""
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:  # noqa: TID251
        return False
    signed = f"{event_id}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.digest(SECRET, signed, hashlib.sha256)).decode()
    return any(hmac.compare_digest(expected, given) for given in signatures.split(" "))


class Receiver(BaseHTTPRequestHandler):
    """Answers quickly: 2xx says that the event is taken, anything else that it is to be sent again."""

    def do_POST(self) -> None:
        """Take an event."""
        body = self.rfile.read(int(self.headers["content-length"]))
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        event_id, timestamp, signatures = (self.headers.get(name, "") for name in names)
        if not genuine(event_id, timestamp, body, signatures):
            self.send_response(401)
        else:
            if event_id not in TAKEN:
                print(body.decode(), flush=True)
                TAKEN.add(event_id)
            self.send_response(204)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver)
    print(server.server_port, flush=True)
    server.serve_forever()
