"""Writing one participant's statement: the ledger's lines, explained, added up and compared with the figures."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from core.codes import Code
from core.database import Connection
from settlement.errors import BooksBroken
from settlement.figures import Position
from settlement.lines import Explained, explained_lines
from settlement.participants import codes
from settlement.statement import Footing, Heading, Line, PaymentDue, StatementForm, Sum
from settlement.windows import Window


class _Sheet:
    """What has been written of a statement, added up."""

    def __init__(self, position: Position, coded: Mapping[UUID, str], payments: Sequence[PaymentDue]) -> None:
        self._position = position
        self._payments = payments
        self._coded = coded
        self._balance = position.opening
        self._by_kind: dict[str, Sum] = defaultdict(Sum)
        self._by_counterparty: dict[str, Sum] = defaultdict(Sum)
        self._total = Sum()

    def lines(self, batch: Sequence[Explained]) -> list[Line]:
        """The next lines."""
        found = [self._line(explained) for explained in batch]
        alike: dict[tuple[str, str], list[Line]] = defaultdict(list)
        for line in found:
            alike[line.kind, line.counterparty].append(line)
        for (kind, counterparty), lines in alike.items():
            self._add(kind, counterparty, _sum(lines))
        return found

    def _line(self, explained: Explained) -> Line:
        found, origin = explained.line, explained.origin
        self._balance += found.posted
        return Line(
            recorded_at=found.recorded_at,
            kind=Code(found.code).name,
            reference=found.reference,
            transfer_id=found.transfer_id,
            counterparty=self._coded[origin.counterparty_of(self._position.participant_id)] if origin else "",
            detail=origin.detail if origin else "",
            debit=max(0, -found.posted),
            credit=max(0, found.posted),
            balance=self._balance,
        )

    def footing(self) -> Footing:
        """What stands below the lines. Raises BooksBroken when they do not come to the window's figures."""
        position, total = self._position, self._total
        kinds = {Code(s.code).name: Sum(s.debits, s.credits, s.lines) for s in position.subtotals}
        if self._balance != position.closing or self._by_kind != kinds:
            message = f"the lines of {position.participant_id} do not come to the window's figures"
            raise BooksBroken(message)
        return Footing(
            by_kind=kinds,
            by_counterparty=dict(self._by_counterparty),
            total=total,
            closing=position.closing,
            settled=position.settled,
            payment_reference=self._payments[0].reference if len(self._payments) == 1 else None,
            carried=position.carried,
            payments=self._payments if len(self._payments) > 1 else (),
            payment_counterparty=self._payments[0].counterparty if len(self._payments) == 1 else "",
        )

    def _add(self, kind: str, counterparty: str, found: Sum) -> None:
        self._by_kind[kind] = self._by_kind[kind].plus(found)
        self._by_counterparty[counterparty] = self._by_counterparty[counterparty].plus(found)
        self._total = self._total.plus(found)


def _sum(lines: Sequence[Line]) -> Sum:
    return Sum(sum(line.debit for line in lines), sum(line.credit for line in lines), len(lines))


async def write_statement(
    connection: Connection,
    window: Window,
    position: Position,
    heading: Heading,
    payments: Sequence[PaymentDue],
    forms: Sequence[StatementForm],
) -> int:
    """Write the statement in all forms at once; the number of its lines. Raises BooksBroken when it does not tie."""
    sheet = _Sheet(position, await codes(connection), payments)
    count = 0
    for form in forms:
        form.begin(heading)
    async for batch in explained_lines(connection, window, position.participant_id):
        lines = sheet.lines(batch)
        count += len(lines)
        for form in forms:
            form.lines(lines)
    footing = sheet.footing()
    for form in forms:
        form.end(footing)
    return count
