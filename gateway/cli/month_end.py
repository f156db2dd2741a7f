"""`agio month-end` and `agio estimate`: a program's points over a month, and what was earned with them."""

from pathlib import Path
from typing import Annotated, BinaryIO, cast

import typer

from brands import directory
from core.amounts import AmountError, format_amount, parse_amount
from core.database import Database
from core.errors import Refusal
from core.settings import Settings
from exchange import UnknownProgram
from gateway.cli.persons import Who
from gateway.cli.printing import AsJson, refuse, say, show, show_json
from gateway.cli.running import run_on_books
from settlement import Actor
from settlement.files import appearing
from settlement.month_end import (
    Estimate,
    EstimateDecision,
    Month,
    MonthEnd,
    decide_estimate,
    estimates,
    month_end,
    propose_estimate,
    rows,
    write_csv,
    write_xlsx,
)

FEN_DECIMALS = 2

Program = Annotated[str, typer.Argument(help="The program's code.")]
Why = Annotated[str, typer.Option(help="For the estimate's history.")]


def month(text: str) -> Month:
    """The month. Raises typer.BadParameter."""
    try:
        return Month.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


MonthArgument = Annotated[Month, typer.Argument(parser=month, help="As 2026-01, in the program's time zone.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("month-end", epilog="Example: agio month-end AURORA 2026-01 --xlsx aurora-2026-01.xlsx")(show_month)
    group = typer.Typer(
        help="What was put aside for points, and how many will be redeemed.",
        no_args_is_help=True,
        epilog="Example: agio estimate list AURORA",
    )
    group.command("list", epilog="Example: agio estimate list AURORA --json")(list_estimates)
    group.command(
        epilog="Example: agio estimate propose AURORA 2026-01 --allocated 8676 --points 10000 --expected 9500 "
        "--as lin.wei --reason 'first year'"
    )(propose)
    group.command(epilog="Example: agio estimate approve AURORA 1 --as chen.yu --reason checked")(approve)
    group.command(epilog="Example: agio estimate reject AURORA 1 --as chen.yu --reason 'too few'")(reject)
    app.add_typer(group, name="estimate")


def show_month(
    program: Program,
    of: MonthArgument,
    csv: Annotated[Path | None, typer.Option(help="Write it to this file as well.", dir_okay=False)] = None,
    xlsx: Annotated[Path | None, typer.Option(help="Write it to this workbook as well.", dir_okay=False)] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Roll a program's points forward over a month, tied to the ledger, with the revenue recognised.

    Ends with 1 when opening, lines, closing and the members' points do not tie.
    """
    found = run_on_books(lambda database, _: month_end(database, program, of))
    if not isinstance(found, MonthEnd):
        refuse(found)
    for path, write in ((csv, write_csv), (xlsx, write_xlsx)):
        if path is not None:
            with appearing(path) as file:
                write(found, cast("BinaryIO", file))
    table = [dict(zip(("line", "unit", "amount", "remark"), row, strict=True)) for row in rows(found)]
    if as_json:
        head = {"program": found.program.code, "month": str(found.month), "final": found.final}
        show_json({**head, "digest": found.digest, "lines": table})
        return
    say(f"{found.program.code} {found.month}. Digest of the figures: {found.digest}\n")
    show(table, as_json=False)


def list_estimates(program: Program, *, as_json: AsJson = False) -> None:
    """List the versions of a program's estimate, the first one first."""

    async def work(database: Database, _: Settings) -> list[dict[str, object]] | UnknownProgram:
        async with database.connection() as connection:
            found = (await directory(connection)).program(program)
            if found is None:
                return UnknownProgram(program)
            return [_row(it, found.scale) for it in await estimates(connection, found.id)]

    answer = run_on_books(work)
    if isinstance(answer, UnknownProgram):
        refuse(answer)
    show(answer, as_json=as_json)


def propose(
    program: Program,
    from_month: MonthArgument,
    allocated: Annotated[str, typer.Option(help="CNY put aside for points, in total since the beginning.")],
    points: Annotated[str, typer.Option(help="The points for which it was put aside.")],
    expected: Annotated[str, typer.Option(help="How many of them will ever be redeemed.")],
    who: Who,
    reason: Why,
    *,
    as_json: AsJson = False,
) -> None:
    """Put an estimate before a second person; it holds from a month on."""

    async def work(database: Database, _: Settings) -> dict[str, object] | Refusal:
        scale = await _scale(database, program)
        if isinstance(scale, Refusal):
            return scale
        figures = (_amount(allocated, FEN_DECIMALS), _amount(points, scale), _amount(expected, scale))
        answer = await propose_estimate(database, Actor(who), program, from_month, *figures, reason=reason)
        return answer if isinstance(answer, Refusal) else _row(answer, scale)

    _answer(run_on_books(work), as_json=as_json)


def approve(
    program: Program,
    version: Annotated[int, typer.Argument(min=1, max=2**31 - 1, help="Which version.")],
    who: Who,
    reason: Why,
    *,
    as_json: AsJson = False,
) -> None:
    """Approve an estimate that somebody else proposed."""
    _decide(program, version, who, reason, EstimateDecision.APPROVED, as_json=as_json)


def reject(
    program: Program,
    version: Annotated[int, typer.Argument(min=1, max=2**31 - 1, help="Which version.")],
    who: Who,
    reason: Why,
    *,
    as_json: AsJson = False,
) -> None:
    """Send an estimate back; it never holds."""
    _decide(program, version, who, reason, EstimateDecision.REJECTED, as_json=as_json)


def _decide(program: str, version: int, who: str, reason: str, decision: EstimateDecision, *, as_json: bool) -> None:
    async def work(database: Database, _: Settings) -> dict[str, object] | Refusal:
        scale = await _scale(database, program)
        if isinstance(scale, Refusal):
            return scale
        answer = await decide_estimate(database, Actor(who), program, version, decision, reason=reason)
        return answer if isinstance(answer, Refusal) else _row(answer, scale)

    _answer(run_on_books(work), as_json=as_json)


def _answer(answer: dict[str, object] | Refusal, *, as_json: bool) -> None:
    if isinstance(answer, Refusal):
        refuse(answer)
    show([answer], as_json=as_json)


async def _scale(database: Database, program: str) -> int | UnknownProgram:
    async with database.connection() as connection:
        found = (await directory(connection)).program(program)
    return UnknownProgram(program) if found is None else found.scale


def _amount(text: str, scale: int) -> int:
    try:
        return parse_amount(text, scale)
    except AmountError as error:
        raise typer.BadParameter(str(error)) from error


def _row(estimate: Estimate, scale: int) -> dict[str, object]:
    return {
        "version": estimate.version,
        "from": str(estimate.from_month),
        "allocated": format_amount(estimate.allocated_fen, FEN_DECIMALS),
        "points": format_amount(estimate.points, scale),
        "expected": format_amount(estimate.expected, scale),
        "proposed_by": estimate.proposed_by,
        "decision": None if estimate.decision is None else estimate.decision.value,
        "decided_by": estimate.decided_by,
    }
