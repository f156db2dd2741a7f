"""Writes down what is said to brands and what they answer, without secrets: for certification and for people."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from adapters.brand_systems.door import Message, Received
from exchange.brand_system import CallRecord, Failed

_BODY_LENGTH_MAX: Final = 8_192
_SHOWN_HEADERS: Final = ("content-type", "retry-after", "location", "date", "idempotency-key", "x-request-id")
_BLOT: Final = "▮▮▮"
_SECRET_LENGTH_MIN: Final = 4

_records: ContextVar[list[CallRecord] | None] = ContextVar("adapters.brand_systems.records", default=None)


@contextmanager
def recording() -> Iterator[list[CallRecord]]:
    """Collects the calls that the current task, and those it starts, make within the block."""
    records: list[CallRecord] = []
    token = _records.set(records)
    try:
        yield records
    finally:
        _records.reset(token)


def is_recording() -> bool:
    """Whether anybody wants to know."""
    return _records.get() is not None


def note(record: CallRecord) -> None:
    """Add a call to what is being recorded."""
    records = _records.get()
    if records is not None:
        records.append(record)


def shown_message(message: Message, added: Iterable[str], blotted: Iterable[str]) -> str:
    """A request for people; the headers that authentication added are named only."""
    hidden = {name.lower() for name in added}
    headers = [f"{name}: {_BLOT if name.lower() in hidden else value}" for name, value in message.headers.items()]
    return blot("\n".join([f"{message.method} {message.url}", *headers, "", _shown_body(message.body)]), blotted)


def shown_answer(answer: Received | Failed, blotted: Iterable[str]) -> str:
    """An answer for people, or why there is none."""
    if isinstance(answer, Failed):
        return blot(f"no answer: {answer.message}", blotted)
    headers = [f"{name}: {answer.headers[name]}" for name in _SHOWN_HEADERS if name in answer.headers]
    return blot("\n".join([f"HTTP {answer.status}", *headers, "", _shown_body(answer.body)]), blotted)


def blot(text: str, blotted: Iterable[str]) -> str:
    """The text without any secret, longest first."""
    told = (one for one in blotted if len(one) >= _SECRET_LENGTH_MIN or (one and not one.isascii()))
    for secret in sorted(told, key=len, reverse=True):
        text = text.replace(secret, _BLOT)
    return text


def _shown_body(body: bytes) -> str:
    text = body[: _BODY_LENGTH_MAX + 1].decode("utf-8", "replace")
    return text if len(body) <= _BODY_LENGTH_MAX else f"{text[:_BODY_LENGTH_MAX]}… ({len(body)} bytes)"
