"""Arrays of ids, whole numbers and instants on their way to PostgreSQL and back, in its binary form.

asyncpg asks every element whether it is itself a list, which takes longer than all else that it does for it; and arrays
are how batches are sent. So connections get these codecs in place of asyncpg's own, for arrays of one dimension.
The form is that of PostgreSQL's `array_send`; types are named by their object ids, which are the same everywhere.
"""

import sys
from array import array
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter, index
from struct import Struct
from typing import Any

import asyncpg
from asyncpg.pgproto.pgproto import UUID

_EMPTY = Struct(">iiI")
_HEADER = Struct(">iiIii")
"""Dimensions, whether any element is null, type of the elements, their number, number of the first."""
_LENGTH = Struct(">i")
_NULL = _LENGTH.pack(-1)


@dataclass(frozen=True, slots=True)
class Form:
    """How one type of array is sent: each element after its length."""

    name: str
    oid: int
    element_oid: int
    all_of: Callable[[Collection[Any]], bytes]
    """The elements, none of them null; TypeError or AttributeError when one is."""
    one: Struct
    """An element with its length."""
    wire: Callable[[Any], Any] = index
    """What `one` packs."""
    value: Callable[[Any], Any] = int
    """What `one` unpacks means."""

    def encode(self, values: Collection[Any]) -> bytes:
        """The array; raises TypeError, ValueError, OverflowError or struct.error for what is no such element."""
        if not values:
            return _EMPTY.pack(0, 0, self.element_oid)
        try:
            elements, nulls = self.all_of(values), 0
        except (TypeError, AttributeError):  # a null, or an id as text
            elements, nulls = b"".join(map(self._one_of, values)), 1
        return _HEADER.pack(1, nulls, self.element_oid, len(values), 1) + elements

    def decode(self, raw: bytes) -> list[Any]:
        """The elements."""
        dimensions, nulls, _ = _EMPTY.unpack_from(raw)
        if not dimensions:
            return []
        if dimensions > 1:
            message = f"an array of {dimensions} dimensions"
            raise ValueError(message)
        elements = raw[_HEADER.size :]
        if nulls:
            return self._with_nulls(elements)
        return [self.value(wire) for _, wire in self.one.iter_unpack(elements)]

    def _one_of(self, value: Any) -> bytes:
        if value is None:
            return _NULL
        return self.one.pack(self.one.size - _LENGTH.size, self.wire(value))

    def _with_nulls(self, elements: bytes) -> list[Any]:
        found: list[Any] = []
        place = 0
        while place < len(elements):
            if _LENGTH.unpack_from(elements, place)[0] < 0:
                found.append(None)
                place += _LENGTH.size
            else:
                found.append(self.value(self.one.unpack_from(elements, place)[1]))
                place += self.one.size
        return found


def _all_ids(values: Collection[Any]) -> bytes:
    length = _LENGTH.pack(16)
    return length + length.join(map(_BYTES, values))


_BYTES = attrgetter("bytes")


def _bytes_of(value: Any) -> bytes:
    given: bytes = UUID(value).bytes if isinstance(value, str) else _BYTES(value)
    return given


def _all_ints(values: Collection[Any]) -> bytes:
    sent = array("i", [4, 0]) * len(values)
    sent[1::2] = array("i", values)
    return _swapped(sent)


def _all_bigints(values: Collection[Any]) -> bytes:
    sent = array("i", [8, 0, 0]) * len(values)
    halves = array("i", array("q", values).tobytes())
    sent[1::3], sent[2::3] = halves[_HIGH::2], halves[1 - _HIGH :: 2]
    return _swapped(sent)


def _all_instants(values: Collection[Any]) -> bytes:
    # Many are the same: thousands of points expire on one day. But in the hour that clocks repeat, instants of another
    # zone are the same to Python and are not.
    distinct = set(values)
    if any(value.tzinfo is not UTC for value in distinct):
        return _all_bigints(list(map(_microseconds, values)))
    sent = {value: _microseconds(value) for value in distinct}
    return _all_bigints([sent[value] for value in values])


_EPOCH, _MICROSECOND = datetime(2000, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_INFINITIES = {-(2**63): datetime.min, 2**63 - 1: datetime.max}  # noqa: DTZ901 - as asyncpg reads single ones
"""What PostgreSQL has beyond all instants, and what stands for it in Python."""


def _microseconds(value: Any) -> int:
    since: int = (value.astimezone(UTC) - _EPOCH) // _MICROSECOND
    return _BEYOND.get(since, since)


_BEYOND = {(it.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND: beyond for beyond, it in _INFINITIES.items()}


def _instant(since: int) -> datetime:
    return _INFINITIES.get(since) or _EPOCH + since * _MICROSECOND


_LITTLE = sys.byteorder == "little"
_HIGH = 1 if _LITTLE else 0
"""Which half of a whole number of 8 bytes is the higher one."""


def _swapped(sent: "array[int]") -> bytes:
    if _LITTLE:
        sent.byteswap()
    return sent.tobytes()


FORMS = (
    Form("_uuid", 2951, 2950, _all_ids, Struct(">i16s"), _bytes_of, UUID),
    Form("_int4", 1007, 23, _all_ints, Struct(">ii")),
    Form("_int8", 1016, 20, _all_bigints, Struct(">iq")),
    Form("_timestamptz", 1185, 1184, _all_instants, Struct(">iq"), _microseconds, _instant),
)


async def send_arrays_fast(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Let a new connection send and read arrays of uuid, int, bigint and timestamptz as described above."""
    for form in FORMS:
        # `set_type_codec` would do the same, but refuses arrays.
        connection.get_settings().add_python_codec(
            form.oid, form.name, "pg_catalog", [], "scalar", form.encode, form.decode, "binary"
        )
