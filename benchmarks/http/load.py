"""A load generator: keep-alive HTTP/1.1 connections that ask, wait for the answer, check it, and ask again.

It does little per request, so that it does not measure itself: requests are bytes made beforehand, answers are
searched for a text and not decoded. Look at `Slice.load_cpu_share` before believing the rest.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple, cast

ANSWER_SECONDS_MAX = 10.0
"""How long the last answers are waited for."""

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length:"
_OK = b"HTTP/1.1 200 "
_SHOWN_MAX = 300


class Call(NamedTuple):
    """A request, and the texts without which its answer is an error."""

    request: bytes
    expected: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """What one stretch of load came to."""

    seconds: float
    """From the first request until the first connection stopped asking."""
    answers: int
    """Right answers that came in this time."""
    latencies: Sequence[float]
    """Seconds from each request to its right answer, sorted; those that came after the end count here as well."""
    errors: Counter[str]
    """Wrong and missing answers, by what came in their place."""
    load_cpu_share: float
    """How much of one core the load generator itself used."""

    @property
    def requests_per_second(self) -> float:
        """Right answers per second."""
        return self.answers / self.seconds


def quantile_ms(latencies: Sequence[float], share: float) -> float:
    """The latency, in ms, that this share of the sorted seconds does not exceed; 0 when there are none."""
    return latencies[min(int(len(latencies) * share), len(latencies) - 1)] * 1000 if latencies else 0.0


async def load(port: int, queues: Sequence[Iterator[Call]], seconds: float) -> Slice:
    """Ask 127.0.0.1:`port` over one connection per queue, until `seconds` have passed or the first queue is empty."""
    run = _Run()
    callers = [await _connected(port, run, queue) for queue in queues]
    cpu_before, started = time.process_time(), time.perf_counter()
    timer = asyncio.get_running_loop().call_later(seconds, run.stop)
    for caller in callers:
        caller.ask()
    await run.stopped.wait()
    cpu_share = (time.process_time() - cpu_before) / (run.stopped_at - started)
    timer.cancel()
    await asyncio.wait([caller.done for caller in callers], timeout=ANSWER_SECONDS_MAX)
    for caller in callers:
        caller.hang_up()
    return _slice([caller.tally for caller in callers], started, run.stopped_at, cpu_share)


@dataclass(slots=True)
class _Run:
    """What the connections of one slice share."""

    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    stopped_at: float = 0.0

    def stop(self) -> None:
        if not self.stopped.is_set():
            self.stopped_at = time.perf_counter()
            self.stopped.set()


@dataclass(slots=True)
class _Tally:
    seconds: list[float] = field(default_factory=list)
    answered_at: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)


async def _connected(port: int, run: _Run, queue: Iterator[Call]) -> "_Caller":
    loop = asyncio.get_running_loop()
    _, caller = await loop.create_connection(lambda: _Caller(run, queue, loop.create_future()), "127.0.0.1", port)
    return caller


def _slice(tallies: Sequence[_Tally], started: float, stopped_at: float, cpu_share: float) -> Slice:
    in_time = sum(answered_at <= stopped_at for tally in tallies for answered_at in tally.answered_at)
    latencies = sorted(chain.from_iterable(tally.seconds for tally in tallies))
    errors = sum((tally.errors for tally in tallies), Counter[str]())
    return Slice(stopped_at - started, in_time, latencies, errors, cpu_share)


class _Caller(asyncio.Protocol):
    """One connection, with at most one request on its way."""

    def __init__(self, run: _Run, queue: Iterator[Call], done: "asyncio.Future[None]") -> None:
        self.tally = _Tally()
        self.done = done
        self._run = run
        self._queue = queue
        self._received = b""
        self._expected: tuple[bytes, ...] | None = None
        self._asked_at = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name

    def ask(self) -> None:
        """Send the next request. Without one the slice ends for everybody: fewer callers are another load."""
        call = None if self._run.stopped.is_set() else next(self._queue, None)
        if call is None:
            self._finish()
            return
        self._expected = call.expected
        self._asked_at = time.perf_counter()
        if self._transport is None:
            self._fail("connection lost")
        else:
            self._transport.write(call.request)

    def data_received(self, data: bytes) -> None:
        received = self._received = self._received + data if self._received else data
        head = received.find(_END_OF_HEAD)
        if head < 0:
            return
        length = _content_length(received[:head])
        if self._expected is None or length is None:
            self._fail(_shown(received))
        elif len(received) >= head + len(_END_OF_HEAD) + length:
            self._take(received, self._expected)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._fail(f"connection lost: {exc or 'closed by the server'}")

    def hang_up(self) -> None:
        """Close the connection; a request on its way stays without an answer."""
        self._fail("no answer")
        if self._transport is not None:
            self._transport.close()

    def _take(self, answer: bytes, expected: tuple[bytes, ...]) -> None:
        now = time.perf_counter()
        if answer.startswith(_OK) and all(text in answer for text in expected):
            self.tally.seconds.append(now - self._asked_at)
            self.tally.answered_at.append(now)
        else:
            self.tally.errors[_shown(answer)] += 1
        self._received = b""
        self._expected = None
        self.ask()

    def _fail(self, reason: str) -> None:
        if self._expected is not None:
            self.tally.errors[reason] += 1
            self._expected = None
        self._finish()

    def _finish(self) -> None:
        self._run.stop()
        if not self.done.done():
            self.done.set_result(None)


def _content_length(head: bytes) -> int | None:
    _, found, rest = head.lower().partition(_LENGTH)
    return int(rest.partition(b"\r")[0]) if found else None


def _shown(answer: bytes) -> str:
    head, _, body = answer.partition(_END_OF_HEAD)
    status = head.partition(b"\r\n")[0]
    return (status + b": " + body[:_SHOWN_MAX]).decode(errors="replace")
