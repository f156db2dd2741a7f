"""`agio caps`: how much participants may still come to owe, and until when."""

import typer

import brands
import exchange
from core.amounts import format_amount
from core.database import Database
from core.settings import Settings
from gateway.cli.printing import AsJson, show
from gateway.cli.running import run_on_books

MICRO_DECIMALS = 6


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: agio caps --json")(caps)


def caps(*, as_json: AsJson = False) -> None:
    """Show every participant's net debit cap: what is used, what is left, and when it runs out at the present pace."""

    async def work(database: Database, _: Settings) -> list[dict[str, object]]:
        async with database.connection() as connection:
            known = await brands.directory(connection)
            found = await exchange.caps(connection, database.clock.now())
        return [_row(cap, known) for cap in found]

    show(run_on_books(work), as_json=as_json, empty="No participants.")


def _row(cap: exchange.Cap, known: brands.Directory) -> dict[str, object]:
    amounts = {
        "limit": cap.cap_micro,
        "deposited": cap.deposited_micro,
        "position": cap.position_micro,
        "left": cap.left_micro,
        "an_hour": cap.pace_micro,
    }
    return {
        "participant": known.brands[cap.participant_id].code,
        "model": cap.model,
        **{name: format_amount(micro, MICRO_DECIMALS) for name, micro in amounts.items()},
        "used_percent": cap.used_percent,
        "runs_out_at": cap.runs_out_at,
    }
