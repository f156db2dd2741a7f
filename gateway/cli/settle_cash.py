"""`agio settle import`, `due`, `late`, `unexplained`, `deposits`, `disputes`, `accounts`: money at the bank."""

from pathlib import Path
from typing import Annotated

import typer

import settlement
from core.database import Database
from core.settings import Settings
from gateway.cli.persons import Who
from gateway.cli.printing import AsJson, refuse, show
from gateway.cli.running import run_on_books
from gateway.cli.settle_rows import cny, working
from settlement import cash
from settlement.lapsing import take_in


def add_to(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("import", epilog="Example: agio settle import 2026-02-03.xml --as lin.wei")(import_statements)
    group.command(epilog="Example: agio settle due --json")(due)
    group.command(epilog="Example: agio settle late")(late)
    group.command(epilog="Example: agio settle unexplained")(unexplained)
    group.command(epilog="Example: agio settle deposits")(deposits)
    group.command(epilog="Example: agio settle disputes --all")(disputes)
    group.command(epilog="Example: agio settle accounts")(accounts)


def import_statements(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="camt.053, version 02 or 08.")],
    who: Who,
    *,
    as_json: AsJson = False,
) -> None:
    """Take in the bank's account statements: all of a file or, when anything in it is wrong, nothing."""
    content = file.read_bytes()

    async def work(database: Database, _: Settings) -> cash.Imported | cash.ImportRefusal:
        with working("Taking in the statements"):
            return await take_in(database, content, settlement.Actor(who))

    found = run_on_books(work)
    if not isinstance(found, cash.Imported):
        refuse(found)
    moved = ", ".join(f"{window.number}: {window.status}" for window in found.moved)
    row = {
        "statements": found.statements,
        "movements": found.movements,
        "matched": found.matched,
        "unexplained": found.unexplained,
        "windows": moved,
    }
    show([row], as_json=as_json)


def due(*, as_json: AsJson = False) -> None:
    """List what is not wholly paid, the oldest first."""

    async def work(database: Database, _: Settings) -> list[cash.DuePayment]:
        return await cash.due_payments(database)

    rows = [
        {
            "id": it.id,
            "window": it.window,
            "participant": it.participant,
            "direction": "pays" if it.incoming else "is paid",
            "amount": cny(it.amount_fen),
            "open": cny(it.open_fen),
            "for": it.counterparty or "",
            "reference": it.reference,
            "advised_at": it.advised_at,
            "due_on": it.due_on,
            "age": cash.age_band(it.age).value,
        }
        for it in run_on_books(work)
    ]
    show(rows, as_json=as_json, empty="Everything is paid.")


def late(*, as_json: AsJson = False) -> None:
    """List who pays late, the largest amount first."""

    async def work(database: Database, _: Settings) -> list[cash.LatePayer]:
        return await cash.late_payers(database)

    rows = [
        {
            "participant": it.participant,
            "late": cny(it.open_fen),
            "oldest_days": it.oldest.days,
            **{band.value.lower(): cny(dict(it.by_band).get(band, 0)) for band in cash.AgeBand if band != "CURRENT"},
        }
        for it in run_on_books(work)
    ]
    show(rows, as_json=as_json, empty="Nobody is late.")


def unexplained(*, as_json: AsJson = False) -> None:
    """List the movements at the bank that nobody has explained: where most is left first, then the oldest."""

    async def work(database: Database, _: Settings) -> list[cash.CashLine]:
        return await cash.unexplained_lines(database)

    rows = [
        {
            "id": it.id,
            "booked_on": it.booked_on,
            "amount": cny(it.amount_fen),
            "left": cny(it.left_fen if it.amount_fen > 0 else -it.left_fen),
            "other_name": it.other_name,
            "other_account": it.other_account,
            "text": it.text,
        }
        for it in run_on_books(work)
    ]
    show(rows, as_json=as_json, empty="Everything is explained.")


def deposits(*, as_json: AsJson = False) -> None:
    """List what participants have deposited, and what of it will pay for netted windows."""

    async def work(database: Database, _: Settings) -> list[cash.Deposit]:
        return await cash.deposits(database)

    rows = [
        {"participant": it.participant, "model": it.model, "held": cny(it.held_fen), "earmarked": cny(it.earmarked_fen)}
        for it in run_on_books(work)
    ]
    show(rows, as_json=as_json, empty="Nobody has deposited anything.")


def disputes(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Ended ones as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what participants do not accept, the oldest first."""

    async def work(database: Database, _: Settings) -> list[cash.Dispute]:
        return await cash.disputes(database, open_only=not everything)

    rows = [
        {
            "id": it.id,
            "window": it.window,
            "participant": it.participant,
            "amount": cny(it.amount_fen),
            "open": cny(it.open_fen),
            "opened_at": it.opened_at,
            "reason": it.reason,
        }
        for it in run_on_books(work)
    ]
    show(rows, as_json=as_json, empty="Nothing is disputed.")


def accounts(*, as_json: AsJson = False) -> None:
    """List the bank accounts that two persons have agreed on; numbers are masked."""

    async def work(database: Database, _: Settings) -> list[dict[str, str]]:
        async with database.connection() as connection:
            coded = await settlement.participant_codes(connection)
            found = await cash.bank_accounts(connection)
        rows = {coded[who]: account for who, account in found.items()}
        return [
            {"participant": code, "holder": it.holder, "number": it.masked, "bank_code": it.bank_code}
            for code, it in sorted(rows.items())
        ]

    show(run_on_books(work), as_json=as_json, empty="No account is agreed on.")
