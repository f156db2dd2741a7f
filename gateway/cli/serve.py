"""`agio serve`: the gateway."""

import asyncio
import os
import shutil
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from core.postgres import postgres
from core.settings import Settings
from gateway.cli.printing import say
from gateway.cli.running import migrated
from gateway.settings import GatewaySettings, Mode
from gateway.websocket import MESSAGE_BYTES_MAX

GRACE_SECONDS = 5
"""What is still streaming then is cut off: a subscription would never end by itself."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: agio serve --workers 2")(serve)


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="The port. Default: AGIO_PORT, or 8800.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many processes.")] = 1,
    mode: Annotated[Mode | None, typer.Option(help="Default: AGIO_MODE, or production.")] = None,
) -> None:
    """Serve the graph until Ctrl-C. The private PostgreSQL runs as long as somebody uses it."""
    if port is not None:
        os.environ["AGIO_PORT"] = str(port)
    if mode is not None:
        os.environ["AGIO_MODE"] = mode.value
    gateway = GatewaySettings.from_environment()
    settings = gateway.core
    with postgres(settings, kept=True) as url:
        if workers > 1:
            # Read when prometheus_client is imported, in each process.
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_metrics_folder(settings))
        asyncio.run(migrated(url, settings))
        say(f"http://{host}:{settings.port}/graphql")
        if gateway.mode is Mode.DEMO:
            say(f"http://{host}:{settings.port}/explorer")
        uvicorn.run(
            "gateway.app:served_app",
            factory=True,
            host=host,
            port=settings.port,
            workers=workers,
            loop="uvloop",
            http="httptools",
            ws="websockets-sansio",
            ws_max_size=MESSAGE_BYTES_MAX,
            timeout_graceful_shutdown=GRACE_SECONDS,
            access_log=False,
            server_header=False,
            log_config=None,
        )


def _metrics_folder(settings: Settings) -> Path:
    """Where the processes of this server add up what they count; what a killed server left there is forgotten."""
    folder = settings.home / f"metrics-{settings.port}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
