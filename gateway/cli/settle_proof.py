"""`agio settle replay` and `agio settle explain`: proof of a window's figures, down to the brand's own line."""

from typing import Annotated, Any
from uuid import UUID

import typer

import settlement
from core.amounts import format_amount
from core.codes import Code
from core.database import Database
from core.errors import Refusal
from core.settings import Settings
from gateway.cli.printing import AsJson, complain, refuse, say, show, show_json
from gateway.cli.running import run_on_books
from gateway.cli.settle_rows import Number
from ledger.journal import scales
from ledger.tracing import TracedTransfer
from settlement.proof import Explanation, LinePage, LinesWanted, Within, explain, lines_of
from settlement.statement import Line, instant, money


def add_to(group: typer.Typer) -> None:
    """Add the commands."""
    group.command(epilog="Example: agio settle replay 1")(replay)
    group.command("explain", epilog="Example: agio settle explain 1 hotel --counterparty airline")(show_lines)


def replay(number: Number, *, as_json: AsJson = False) -> None:
    """Count a window anew from the transfers and write its statements again, to nowhere.

    Ends with 1 when the figures or a statement are not those that were kept.
    """

    async def work(database: Database, _: Settings) -> settlement.Replay | Refusal:
        window = await settlement.window_numbered(database, number)
        if isinstance(window, settlement.WindowNotFound):
            return window
        return await settlement.replay(database, window.id, statements=True)

    found = run_on_books(work)
    if isinstance(found, Refusal):
        refuse(found)
    rows: list[dict[str, object]] = [
        {"participant": it.participant, "format": it.format, "kept": it.kept, "written": it.written}
        for it in found.statements
    ]
    if as_json:
        figures = {"number": found.number, "agrees": found.agrees, "kept": found.kept, "counted": found.counted}
        show_json({**figures, "statements": rows})
    else:
        say(f"Window {found.number}: figures kept {found.kept}, counted anew {found.counted}.\n")
        show(rows, as_json=False, empty="No statements have been written.")
    if not found.agrees:
        complain(f"Window {found.number} is NOT what it was.")
        raise typer.Exit(1)


def show_lines(
    number: Number,
    participant: Annotated[str, typer.Argument(help="Whose statement: a participant's code, or `operator`.")],
    kind: Annotated[str | None, typer.Option(help="The lines of this kind only, such as POSITION_DEBIT.")] = None,
    counterparty: Annotated[str | None, typer.Option(help="The lines with this participant only.")] = None,
    first: Annotated[int, typer.Option(min=1, max=500, help="How many lines.")] = 50,
    transfer: Annotated[UUID | None, typer.Option(help="Explain the line of it with this transfer.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show the lines behind a statement's figure; with --transfer, everything behind one line.

    That is the exchange, grant or redemption, all its transfers, and the lines of brands' files that were matched.
    """
    if transfer is not None:
        _explain(number, participant, transfer, as_json=as_json)
        return
    if kind is not None and kind not in Code.__members__:
        message = f"{kind} is no kind of line: the statement names them"
        raise typer.BadParameter(message, param_hint="--kind")

    async def work(database: Database, _: Settings) -> LinePage | Refusal:
        window = await settlement.window_numbered(database, number)
        if isinstance(window, settlement.WindowNotFound):
            return window
        wanted = LinesWanted(window.id, participant, kind, counterparty, first=first)
        return await lines_of(database, wanted)

    found = run_on_books(work)
    if isinstance(found, Refusal):
        refuse(found)
    show([_line(line) for line in found.lines], as_json=as_json, empty="No lines.")
    if found.more and not as_json:
        say(f"… and more: --first {first * 2}")


def _explain(number: int, participant: str, transfer: UUID, *, as_json: bool) -> None:
    async def work(database: Database, _: Settings) -> tuple[Explanation, dict[str, int]] | Refusal:
        window = await settlement.window_numbered(database, number)
        if isinstance(window, settlement.WindowNotFound):
            return window
        found = await explain(database, transfer, Within(window.id, participant))
        if isinstance(found, Refusal):
            return found
        async with database.connection() as connection:
            return found, await scales(connection)

    answer = run_on_books(work)
    if isinstance(answer, Refusal):
        refuse(answer)
    found, decimals = answer
    transfers = [_transfer(it, found, decimals) for it in found.transfers]
    brand_lines = [
        {
            "file": it.file_name,
            "row": it.row,
            "key": it.key,
            "amount": format_amount(it.amount, decimals[it.asset]),
            "asset": it.asset,
            "day": it.day,
            "rule": it.rule,
            "transfer": it.transfer_id,
        }
        for it in found.brand_lines
    ]
    breaks = [
        {
            "break": it.id,
            "program": it.program,
            "kind": it.kind.value,
            "state": it.state.value,
            "stated": ", ".join(it.stated),
        }
        for it in found.breaks
    ]
    if as_json:
        show_json(
            {
                "reference": found.reference,
                "detail": found.detail,
                "exchange": None if found.exchange is None else found.exchange.id,
                "transfers": transfers,
                "brand_lines": brand_lines,
                "breaks": breaks,
            }
        )
        return
    say(f"{found.detail or 'Nothing is known of it.'} ({found.reference})\n")
    show(transfers, as_json=False)
    say("")
    show(brand_lines, as_json=False, empty="No brand's line was matched to any of these.")
    if breaks:
        say("\nBreaks about it (agio breaks show):")
        show(breaks, as_json=False)


def _line(line: Line) -> dict[str, Any]:
    return {
        "recorded_at": instant(line.recorded_at),
        "kind": line.kind,
        "counterparty": line.counterparty,
        "detail": line.detail,
        "debit": money(line.debit),
        "credit": money(line.credit),
        "transfer": line.transfer_id,
        "reference": line.reference,
    }


def _transfer(it: TracedTransfer, found: Explanation, decimals: dict[str, int]) -> dict[str, Any]:
    return {
        "recorded_at": instant(it.recorded_at),
        "code": Code(it.code).name,
        "amount": format_amount(it.amount, decimals[it.asset]),
        "asset": it.asset,
        "debit": f"{it.debit_purpose} {found.owners.get(it.debit_owner, '')}".strip(),
        "credit": f"{it.credit_purpose} {found.owners.get(it.credit_owner, '')}".strip(),
        "transfer": it.id,
        "reverses": it.reverses_id,
    }
