"""Writing what was decided about a batch: one statement in one round trip, whatever tables it touches.

Of a large batch most transfers and lots go ahead (`Ahead`).
"""

from collections.abc import Sequence

from core.database import Connection
from ledger.books import Books
from ledger.decision import Decision
from ledger.parts import Part, execute_parts, plan_as_usual
from ledger.writing_accounts import account_parts, close_accounts
from ledger.writing_ahead import Ahead
from ledger.writing_claims import claim_parts
from ledger.writing_lots import lot_parts
from ledger.writing_transfers import refusal_part, transfer_part


async def write(connection: Connection, books: Books, decision: Decision, along: Sequence[Part], ahead: Ahead) -> None:
    """Write the decision about a batch, and what goes along with it."""
    parts = [*decision_parts(books, decision, ahead.sent), *along]
    await ahead.end()
    if parts:
        await execute_parts(connection, books.recorded_at, parts)
    else:
        await plan_as_usual(connection)
    if not books.plain:
        await close_accounts(connection, decision, books.recorded_at)


def decision_parts(books: Books, decision: Decision, sent: int = 0) -> list[Part]:
    """What the decision about a batch changes, but for accounts that it closes, and what `sent` postings added."""
    parts: list[Part] = []
    earlier, postings = decision.postings[:sent], decision.postings[sent:]
    if postings:
        parts.append(transfer_part(postings, plain=books.plain))
    if not books.plain:
        parts += claim_parts(decision.postings, books.recorded_at)
    parts += lot_parts(postings, earlier)
    if decision.refusals:
        parts.append(refusal_part(decision.refusals, plain=books.plain))
    parts += account_parts(books, decision)
    return parts
