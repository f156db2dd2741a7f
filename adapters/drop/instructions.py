"""Instructions that travel by file: accepted at once, in one file for ever, answered once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from brands import Program
from brands.adapter.kinds import Call
from core.database import Connection
from core.ids import new_id
from exchange.brand_system import Answer, BrandTransaction, Done, Failed, Failure, Pending

_COLUMNS = """
reference, call, number, amount, content, file_id,
outcome, failure, code, message, brand_reference, balance, answered_at
"""
_ACCEPT = """
INSERT INTO adapters_drop_instruction (id, program_id, reference, call, number, amount, content, accepted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (program_id, reference) DO NOTHING
"""
_FIND = f"SELECT {_COLUMNS} FROM adapters_drop_instruction WHERE program_id = $1 AND reference = ANY($2)"
_BALANCE: Final = """
SELECT balance, answered_at FROM adapters_drop_instruction
WHERE program_id = $1 AND number = $2 AND balance IS NOT NULL ORDER BY answered_at DESC, id DESC LIMIT 1
"""
_DONE: Final = """
SELECT reference, call, number, amount, brand_reference, answered_at, content FROM adapters_drop_instruction
WHERE program_id = $1 AND outcome = 'done' AND answered_at > $2 AND answered_at <= $3 ORDER BY answered_at, id
"""


@dataclass(frozen=True, slots=True)
class Order:
    """An instruction as it is kept."""

    reference: str
    call: str
    number: str
    amount: int
    content: dict[str, Any]
    """What the file's columns are filled in from."""

    def same_as(self, other: "Order") -> bool:
        """Whether both mean the same."""
        original = self.content.get("original"), other.content.get("original")
        mine, theirs = (_key(order) for order in (self, other))
        return mine == theirs and _reference(original[0]) == _reference(original[1])


@dataclass(frozen=True, slots=True)
class Kept:
    """An instruction in the tables, with what became of it."""

    order: Order
    file_id: UUID | None
    answer: Answer
    """`Pending` until a file decides."""

    @property
    def is_final(self) -> bool:
        """Whether a file has decided."""
        return not isinstance(self.answer, Pending)


async def accept(connection: Connection, program: Program, order: Order, instant: datetime) -> Kept:
    """Keep an instruction, unless its reference is known: what is kept under it."""
    content = orjson.dumps(order.content).decode()
    columns = new_id(), program.id, order.reference, order.call, order.number, order.amount, content, instant
    await connection.execute(_ACCEPT, *columns)
    return (await find(connection, program, [order.reference]))[order.reference]


async def find(connection: Connection, program: Program, references: list[str]) -> dict[str, Kept]:
    """What is kept, by reference."""
    return {row["reference"]: _kept(row) for row in await connection.fetch(_FIND, program.id, references)}


async def last_balance(connection: Connection, program: Program, number: str) -> tuple[int, datetime] | None:
    """What the brand's last file said the member has."""
    row = await connection.fetchrow(_BALANCE, program.id, number)
    return None if row is None else (row["balance"], row["answered_at"])


async def done_between(
    connection: Connection, program: Program, after: datetime, until: datetime
) -> list[BrandTransaction]:
    """What the brand said it did, by the instant at which it was read."""
    return [_movement(row) for row in await connection.fetch(_DONE, program.id, after, until)]


def _kept(row: Any) -> Kept:
    order = Order(row["reference"], row["call"], row["number"], row["amount"], orjson.loads(row["content"]))
    return Kept(order, row["file_id"], _answer(row))


def _answer(row: Any) -> Answer:
    if row["outcome"] == "done":
        return Done(row["brand_reference"], row["answered_at"], row["balance"])
    if row["outcome"] == "failed":
        return Failed(Failure(row["failure"]), row["message"] or "", row["code"])
    return Pending(row["brand_reference"])


def _movement(row: Any) -> BrandTransaction:
    amount = row["amount"] if _is_to_the_member(row["call"], orjson.loads(row["content"])) else -row["amount"]
    name = row["brand_reference"] or row["reference"]
    return BrandTransaction(name, row["reference"], row["number"], amount, row["answered_at"])


def _is_to_the_member(call: str, content: Any) -> bool:
    """A reversal goes the other way than what it undoes."""
    return content["original"]["operation"] == Call.DEBIT if call == Call.REVERSE else call == Call.CREDIT


def _key(order: Order) -> tuple[str, str, int]:
    return order.call, order.number, order.amount


def _reference(original: Any) -> Any:
    return original["reference"] if original else None
