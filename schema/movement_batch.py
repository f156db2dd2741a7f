"""Thousands of awards and burns in one call, an answer for each, resumable."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated, TypeAlias

import strawberry
from strawberry import federation

import brands
import core.refusals
import exchange
from core.amounts import AmountError, parse_amount
from exchange.batches import digest_of
from exchange.errors import InvalidAmount
from schema.context import Context, Info
from schema.errors import BadInput, NotFound
from schema.exchange_refusals import UnknownProgram
from schema.fields import needs
from schema.ids import global_id, key_of
from schema.nodes import Node
from schema.refusals import IdempotencyConflict, KeyUnusable, idempotency_conflict, key_unusable
from schema.scalars import Amount

ROWS_MAX = 10_000
PAGE_MAX = 1_000


@strawberry.enum
class BatchRowKind(StrEnum):
    """Which way the points of a row go."""

    AWARD = "AWARD"
    """Earned by the member."""
    BURN = "BURN"
    """Spent by the member."""


@strawberry.type
class MovementRowResult:
    """What became of one row."""

    number: int
    """Its place in the batch, from 1."""
    key: str
    movement_id: strawberry.ID | None
    """null: refused."""
    refusal: str | None
    """The name of the refusal, as `awardPoints` and `burnPoints` have it."""
    message: str | None
    """One sentence for a person."""


@federation.type(keys=["id"], requires_scopes=[[brands.Scope.AWARDS_WRITE]])
class MovementBatch(Node):
    """A batch of awards and burns, and how far it has come."""

    batch: str
    """The name that the brand's system gave it."""
    row_count: int
    moved: int
    """Rows that are recorded."""
    refused: int
    opened_at: datetime
    finished_at: datetime | None
    """null: some rows have no answer yet; send the batch again."""

    @classmethod
    def of(cls, value: exchange.Batch) -> "MovementBatch":
        """As the graph shows it."""
        return cls(
            key=value.id,
            batch=value.key,
            row_count=value.row_count,
            moved=value.moved,
            refused=value.refused,
            opened_at=value.opened_at,
            finished_at=value.finished_at,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "MovementBatch":
        """A batch of the token's own client. Raises NotFound for another one."""
        key = key_of("MovementBatch", id)
        async with info.context.database.connection() as connection:
            found = await exchange.batch_by_id(connection, key)
        if found is None or found.client_id != info.context.viewer.client_id:
            raise NotFound("You have no such batch.")
        return cls.of(found)

    @strawberry.field
    async def results(
        self, info: Info, first: int = 100, after: int = 0, *, refused_only: bool = False
    ) -> list[MovementRowResult]:
        """The answers to the rows beyond number `after`, in order: 1 to 1,000; only those refused, when asked for."""
        if not 1 <= first <= PAGE_MAX or after < 0:
            message = f"1 to {PAGE_MAX:,} at a time, after a row's number."
            raise BadInput(message, argument="first")
        async with info.context.database.connection() as connection:
            found = await exchange.batch_results(
                connection, self.key, after=min(after, ROWS_MAX), count=first, refused_only=refused_only
            )
        return [
            MovementRowResult(
                number=row.number,
                key=row.key,
                movement_id=global_id("Movement", row.movement_id) if row.movement_id else None,
                refusal=row.refusal,
                message=row.message,
            )
            for row in found
        ]


@strawberry.input
class MovementRowInput:
    """One award or burn of a batch."""

    key: str
    """Names the row in its batch: 1 to 59 printable characters."""
    amount: Amount
    number: str = ""
    """The member's number in the program; left out when there is a code."""
    code: str = ""
    """What the member showed."""
    kind: BatchRowKind = BatchRowKind.AWARD
    reason: str = ""
    available_in_days: int = 0
    """For an award: how long the points wait."""


@strawberry.input
class MovePointsInput:
    """A batch."""

    program: str
    """The program's code."""
    batch: str
    """Names it among the client's batches: 1 to 40 printable characters. Sent again it goes on where it stopped."""
    rows: list[MovementRowInput]
    """At most 10,000."""
    brand: str | None = None
    """The code of the place that acts, below the token's brand; the token's brand itself when left out."""


_Refused: TypeAlias = UnknownProgram | KeyUnusable | IdempotencyConflict
MovePointsResult = Annotated[MovementBatch | _Refused, strawberry.union("MovePointsResult")]


@strawberry.type
class MovementBatchQuery:
    """Looking at batches."""

    @needs(brands.Scope.AWARDS_WRITE)
    async def movement_batch(self, info: Info, batch: str) -> MovementBatch | None:
        """The client's batch of this name; null when none was sent."""
        async with info.context.database.connection() as connection:
            found = await exchange.batch_by_key(connection, info.context.viewer.client_id, batch[:PAGE_MAX])
        return MovementBatch.of(found) if found else None


@strawberry.type
class MovementBatchMutation:
    """Moving points in bulk."""

    @needs(brands.Scope.AWARDS_WRITE)
    async def move_points(self, info: Info, input: MovePointsInput) -> MovePointsResult:
        """Record thousands of awards and burns: a thousand in a commit, each row with an answer of its own."""
        if len(input.rows) > ROWS_MAX:
            message = f"At most {ROWS_MAX:,} rows at a time."
            raise BadInput(message, argument="rows")
        return await _move(info.context, input)


async def _move(context: Context, asked: MovePointsInput) -> MovementBatch | _Refused:
    program = (await context.directory()).program(asked.program)
    if program is None:
        return UnknownProgram(message=exchange.UnknownProgram(asked.program).message, program=asked.program)
    brand, services = await context.acting_brand(asked.brand), context.services
    client_id = context.viewer.client_id
    rows = list(_rows(asked.rows, program, brand, client_id))
    wish = exchange.BatchWish(client_id, asked.batch, brand.id, program.id, digest_of(rows), len(rows))
    outcome = await exchange.move_batch(
        services.database, wish, rows, outbox=services.outbox, codes=services.member_codes
    )
    match outcome:
        case exchange.Batch():
            return MovementBatch.of(outcome)
        case core.refusals.KeyUnusable():
            return key_unusable(outcome)
        case core.refusals.IdempotencyConflict():
            return idempotency_conflict(outcome)


def _rows(
    asked: Iterable[MovementRowInput], program: brands.Program, brand: brands.Brand, client_id: str
) -> Iterator[exchange.BatchRow]:
    for row in asked:
        try:
            minor = parse_amount(row.amount, program.scale)
        except AmountError:
            yield exchange.BatchRow(row.key, InvalidAmount(row.amount[:40]))
            continue
        facts = (program.code, row.number, minor, brand.id, client_id, "", row.reason, row.code)
        award = row.kind is BatchRowKind.AWARD
        order = exchange.Award(*facts, row.available_in_days) if award else exchange.Burn(*facts)
        yield exchange.BatchRow(row.key, order)
