"""Requests made beforehand: HTTP/1.1 as bytes, and what each answer must contain."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from benchmarks.http.load import Call

_PING: Final = "mutation Ping($key: String!) { ping(idempotencyKey: $key) { __typename idempotencyKey } }"


def get(path: str, *expected: str) -> Call:
    """A GET; its answer contains `expected`."""
    head = f"GET {path} HTTP/1.1\r\nhost: agio\r\naccept: application/json\r\n\r\n"
    return Call(head.encode(), tuple(map(str.encode, expected)))


def ask(document: str, variables: Mapping[str, Any], token: str, *expected: str) -> Call:
    """A GraphQL operation in the name of whoever the token belongs to; its answer contains `expected`."""
    body = orjson.dumps({"query": document, "variables": variables})
    head = (
        "POST /graphql HTTP/1.1\r\nhost: agio\r\naccept: application/json\r\ncontent-type: application/json\r\n"
        f"authorization: Bearer {token}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return Call(head.encode() + body, tuple(map(str.encode, expected)))


def plain() -> Call:
    """The plainest answer that the same application gives: JSON, and nothing looked at."""
    return get("/health/live", '"status":"live"')


def ping(token: str) -> Call:
    """The mutation that does nothing, with a token."""
    return ask(_PING, {"key": "benchmark"}, token, '"__typename":"Pong"')
