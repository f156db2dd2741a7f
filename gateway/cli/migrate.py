"""`agio migrate`: the database's schema."""

import asyncio

import typer

from core.postgres import postgres
from core.settings import Settings
from gateway.cli.printing import AsJson, show
from gateway.cli.running import migrated


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: DATABASE_URL=postgresql://owner@host/agio agio migrate --json")(migrate)


def migrate(*, as_json: AsJson = False) -> None:
    """Bring the database up to date, as the tables' owner. Any number of processes may do so at once."""
    settings = Settings.from_environment()
    with postgres(settings) as url:
        applied = asyncio.run(migrated(url, settings))
    show([{"migration": name} for name in applied], as_json=as_json, empty="Everything was applied before.")
