"""Proof on demand: from a figure to its lines, from a line to everything behind it, and the trial balance."""

from datetime import date, datetime
from uuid import UUID

import strawberry

import brands
import settlement
from core.codes import Code
from ledger import TrialLine
from ledger.journal import scales
from ledger.tracing import TracedTransfer
from schema.context import Context, Info
from schema.errors import BadInput, Forbidden, NotFound
from schema.fields import needs
from schema.ids import global_id, key_of
from schema.refusals import amount
from schema.scalars import Amount
from schema.scopes import Scope
from schema.viewer import ViewerKind
from settlement import proof
from settlement.reconciliation.break_kinds import BreakKind
from settlement.reconciliation.breaks import BreakState
from settlement.statement import Line

CNY_DECIMALS = 6


@strawberry.type
class StatementLine:
    """One line of a statement, in CNY."""

    transfer_id: strawberry.ID
    """Of the ledger; `lineOrigin` explains it."""
    recorded_at: datetime
    kind: str
    counterparty: str
    detail: str
    debit: Amount
    credit: Amount
    reference: strawberry.ID | None
    """Of the exchange, grant or redemption."""

    @classmethod
    def of(cls, value: Line) -> "StatementLine":
        """As the graph shows it."""
        return cls(
            transfer_id=global_id("Transfer", value.transfer_id),
            recorded_at=value.recorded_at,
            kind=value.kind,
            counterparty=value.counterparty,
            detail=value.detail,
            debit=amount(value.debit, CNY_DECIMALS),
            credit=amount(value.credit, CNY_DECIMALS),
            reference=None if value.reference is None else strawberry.ID(str(value.reference)),
        )


@strawberry.type
class StatementLines:
    """Some lines, in the order of recording."""

    lines: list[StatementLine]
    end_cursor: str | None
    """To be given as `after` for the lines that follow; null when there are none."""


@strawberry.type
class LedgerTransfer:
    """A transfer of the ledger. Members are not named: their accounts have a purpose only."""

    id: strawberry.ID
    recorded_at: datetime
    code: str
    asset: str
    amount: Amount
    debit: str
    """The purpose of the account, and its owner's code."""
    credit: str
    reverses: strawberry.ID | None


@strawberry.type
class BrandLine:
    """A line of a brand's own file that was found to be one of the transfers."""

    transfer_id: strawberry.ID
    rule: str
    """By which rule it was matched."""
    file: str
    row: int
    key: str
    """The brand's own reference."""
    asset: str
    amount: Amount
    """As the member sees it."""
    day: date


@strawberry.type
class OriginBreak:
    """A break about one of the transfers, or about what a brand did too late."""

    break_id: strawberry.ID
    program: str
    kind: BreakKind
    state: BreakState
    stated: list[str]
    """The brand's own references of the lines that differ."""


@strawberry.type
class LineOrigin:
    """Everything behind one line of a statement."""

    reference: strawberry.ID
    detail: str
    exchange_id: strawberry.ID | None
    """When it was an exchange."""
    transfers: list[LedgerTransfer]
    """In the order of recording, reversals included."""
    brand_lines: list[BrandLine]
    breaks: list[OriginBreak]
    """Closed ones included."""

    @classmethod
    def of(cls, value: proof.Explanation, decimals: dict[str, int]) -> "LineOrigin":
        """As the graph shows it."""
        return cls(
            reference=strawberry.ID(str(value.reference)),
            detail=value.detail,
            exchange_id=None if value.exchange is None else global_id("Exchange", value.exchange.id),
            transfers=[_transfer(it, value, decimals) for it in value.transfers],
            brand_lines=[_brand_line(it, decimals) for it in value.brand_lines],
            breaks=[_break(it) for it in value.breaks],
        )


@strawberry.type
class ReplayedStatement:
    """A statement as it was given out and as it would be written now."""

    participant: str
    format: str
    kept: str | None
    """The hash of the file that was given out; null when other versions of the libraries packed it."""
    written: str


@strawberry.type
class WindowReplay:
    """A window's figures as kept and as counted anew from the transfers."""

    agrees: bool
    kept: str
    counted: str
    statements: list[ReplayedStatement]


@strawberry.type
class TrialBalanceLine:
    """What all accounts of an asset and purpose hold, in the asset's own units."""

    asset: str
    purpose: str
    accounts: int
    debits: Amount
    credits: Amount
    net_credit: Amount
    """For each asset these add up to zero."""

    @classmethod
    def of(cls, value: TrialLine, scale: int) -> "TrialBalanceLine":
        """As the graph shows it."""
        return cls(
            asset=value.asset,
            purpose=value.purpose,
            accounts=value.accounts,
            debits=amount(value.debits_posted, scale),
            credits=amount(value.credits_posted, scale),
            net_credit=amount(value.net_credit, scale),
        )


@strawberry.input
class StatementLinesInput:
    """Which lines of which statement."""

    window_id: strawberry.ID
    brand: str | None = None
    """The participant's code, or `operator`; a brand's own when left out."""
    kind: str | None = None
    """The lines of a subtotal by kind."""
    counterparty: str | None = None
    """The lines of a subtotal by counterparty."""
    first: int = 50
    """How many, at most 500."""
    after: str | None = None
    """The `endCursor` of the lines before."""


@strawberry.input
class StatementInput:
    """Which statement."""

    window_id: strawberry.ID
    participant: str
    """Its code, or `operator`."""


@strawberry.type
class ProofQuery:
    """Looking behind figures."""

    @needs(brands.Scope.STATEMENTS_READ, Scope.SETTLEMENT_READ)
    async def statement_lines(self, info: Info, input: StatementLinesInput) -> StatementLines:
        """The lines behind a statement's figure: a brand's own once the window is approved, any for staff."""
        if not 1 <= input.first <= proof.PAGE_MAX:
            message = f"`first` must be from 1 to {proof.PAGE_MAX}."
            raise BadInput(message, argument="first")
        if input.kind is not None and input.kind not in Code.__members__:
            raise BadInput("No line is of this kind; the statement names them.", argument="kind")
        participant = await _participant(info.context, input.brand)
        wanted = proof.LinesWanted(
            key_of("Window", input.window_id),
            participant,
            input.kind,
            input.counterparty,
            _cursor(input.after),
            input.first,
        )
        page = await proof.lines_of(info.context.database, wanted)
        if not isinstance(page, proof.LinePage):
            raise NotFound(page.message)
        if info.context.viewer.kind is ViewerKind.BRAND and not page.window.status.has_reached(
            settlement.Status.APPROVED
        ):
            raise NotFound("There is no statement of this window yet.")
        last = page.lines[-1] if page.more else None
        cursor = None if last is None else f"{last.recorded_at.isoformat()}/{last.transfer_id}"
        return StatementLines(lines=[StatementLine.of(line) for line in page.lines], end_cursor=cursor)

    @needs(Scope.SETTLEMENT_READ)
    async def line_origin(
        self, info: Info, transfer_id: strawberry.ID, within: StatementInput | None = None
    ) -> LineOrigin:
        """Everything behind the line with this transfer: what it was, all its transfers, and the brands' own lines.

        With `within`: only if it is a line of that statement.
        """
        place = None if within is None else proof.Within(key_of("Window", within.window_id), within.participant)
        found = await proof.explain(info.context.database, key_of("Transfer", transfer_id), place)
        if not isinstance(found, proof.Explanation):
            raise NotFound(found.message)
        async with info.context.database.connection() as connection:
            return LineOrigin.of(found, await scales(connection))

    @needs(Scope.SETTLEMENT_READ)
    async def window_replay(self, info: Info, id: strawberry.ID, *, statements: bool = False) -> WindowReplay:
        """Count a netted window anew; with `statements`, write those of an advised window again, to nowhere."""
        found = await settlement.replay(info.context.database, key_of("Window", id), statements=statements)
        if not isinstance(found, settlement.Replay):
            raise NotFound(found.message)
        return WindowReplay(
            agrees=found.agrees,
            kept=found.kept,
            counted=found.counted,
            statements=[
                ReplayedStatement(participant=it.participant, format=it.format, kept=it.kept, written=it.written)
                for it in found.statements
            ],
        )

    @needs(Scope.SETTLEMENT_READ)
    async def trial_balance(self, info: Info, at: datetime | None = None) -> list[TrialBalanceLine]:
        """What all accounts held at an instant that is over, by asset and purpose; now when left out."""
        if at is not None and at.tzinfo is None:
            raise BadInput("An instant needs its offset, as in 2026-01-31T16:00:00Z.", argument="at")
        found = await proof.trial_balance_at(info.context.database, at)
        if isinstance(found, proof.InstantAhead):
            raise BadInput(found.message, argument="at")
        return [TrialBalanceLine.of(line, found.decimals[line.asset]) for line in found.lines]


async def _participant(context: Context, code: str | None) -> str:
    """Whose statement. Raises Forbidden for a brand that asks for another's."""
    if context.viewer.kind is not ViewerKind.BRAND:
        return code or ""
    own = (await context.directory()).participant_of(context.viewer.brand_id)
    if code not in {None, own.code}:
        raise Forbidden("That is another participant's statement.")
    return own.code


def _cursor(text: str | None) -> tuple[datetime, UUID] | None:
    if text is None:
        return None
    try:
        recorded_at, _, transfer_id = text.partition("/")
        found = datetime.fromisoformat(recorded_at), UUID(transfer_id)
    except ValueError as error:
        raise BadInput("That is not an `endCursor`.", argument="after") from error
    if found[0].tzinfo is None:
        raise BadInput("That is not an `endCursor`.", argument="after")
    return found


def _transfer(it: TracedTransfer, found: proof.Explanation, decimals: dict[str, int]) -> LedgerTransfer:
    return LedgerTransfer(
        id=global_id("Transfer", it.id),
        recorded_at=it.recorded_at,
        code=Code(it.code).name,
        asset=it.asset,
        amount=amount(it.amount, decimals[it.asset]),
        debit=f"{it.debit_purpose} {found.owners.get(it.debit_owner, '')}".strip(),
        credit=f"{it.credit_purpose} {found.owners.get(it.credit_owner, '')}".strip(),
        reverses=None if it.reverses_id is None else global_id("Transfer", it.reverses_id),
    )


def _brand_line(it: proof.BrandLine, decimals: dict[str, int]) -> BrandLine:
    return BrandLine(
        transfer_id=global_id("Transfer", it.transfer_id),
        rule=it.rule,
        file=it.file_name,
        row=it.row,
        key=it.key,
        asset=it.asset,
        amount=amount(it.amount, decimals[it.asset]),
        day=it.day,
    )


def _break(it: proof.BreakBehind) -> OriginBreak:
    key = global_id("Break", it.id)
    return OriginBreak(break_id=key, program=it.program, kind=it.kind, state=it.state, stated=list(it.stated))
