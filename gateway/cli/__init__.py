"""The command line. Each command exits with 0, 1 (refused, or something was found) or 2 (wrong usage)."""

import signal
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from threading import current_thread, main_thread
from types import MappingProxyType
from typing import Final

import asyncpg
import typer

from core.database_words import in_words
from core.errors import AgioError, ConfigurationError
from core.faults import Fault, fault_of
from core.garbage import without_looking
from gateway.cli.printing import tell_failure, want_json
from gateway.logs import shorten_pool_logs

COMMANDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "demo": "demo",
        "serve": "serve",
        "worker": "worker",
        "migrate": "migrate",
        "brand": "brand",
        "simulate-brand": "simulate_brand",
        "members": "members",
        "awards": "awards",
        "rate": "rate",
        "exchange": "exchange",
        "caps": "caps",
        "settle": "settle",
        "month-end": "month_end",
        "estimate": "month_end",
        "trial-balance": "books",
        "journal": "books",
        "reconcile": "reconcile",
        "breaks": "breaks",
        "audit": "audit",
        "token": "token",
        "webhooks": "webhooks",
        "bench": "bench",
        "schema": "schema",
    }
)
"""The module of each command: only what is asked for is imported, for the whole house takes a second to read."""


def command_line(arguments: Sequence[str]) -> typer.Typer:
    """The command that the arguments begin with, or all of them when they begin with none."""
    app = typer.Typer(
        name="agio",
        epilog="Example: agio demo",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_agio)
    asked = COMMANDS.get(arguments[0]) if arguments else None
    for module in [asked] if asked else dict.fromkeys(COMMANDS.values()):
        import_module(f"gateway.cli.{module}").register(app)
    return app


def _agio() -> None:
    """Points of one brand become points of another, rights of one are honoured by another, and the books close."""


def main() -> None:
    """Run one command."""
    if current_thread() is main_thread():
        signal.signal(signal.SIGTERM, _terminated)
    shorten_pool_logs()
    want_json(False)  # noqa: FBT003 - until the command has said so
    try:
        with without_looking():
            app = command_line(sys.argv[1:])
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        first = _first(error)
        if not _tell(first):
            raise
        sys.exit(2 if isinstance(first, ConfigurationError) else 1)


def _terminated(*_: object) -> None:
    """SIGTERM, which containers send, is as Ctrl-C: whoever ends a command ends what it started, in order."""
    if not callable(signal.getsignal(signal.SIGINT)):  # in the background of a shell Ctrl-C is not heard
        raise KeyboardInterrupt
    signal.raise_signal(signal.SIGINT)


_AGAIN: Final = "Nothing was found or refused: once that is mended, run it again."
_BUG: Final = "Nothing of it was kept. It is a bug of ours: its own log says more under that code."


def _is_of_this_machine(error: Exception) -> bool:
    """Whether it is about a file or a port here, and not about the way to the database."""
    on_the_way = isinstance(error, (ConnectionError, TimeoutError))
    return isinstance(error, OSError) and not on_the_way and error.errno is not None


def _first(error: Exception) -> Exception:
    """What went wrong; of several at once the first."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


def _tell(error: Exception) -> bool:
    """Say in a sentence what is not a bug of ours; whether it is none."""
    if isinstance(error, AgioError) or _is_of_this_machine(error):
        tell_failure(type(error).__name__, str(error) or type(error).__name__)
    elif fault_of(error) is Fault.MACHINERY:
        tell_failure("DatabaseFailed", f"The database failed: {in_words(error)}. {_AGAIN}")
    elif isinstance(error, asyncpg.PostgresError):
        tell_failure("DatabaseRefused", f"The database refused what was to be written ({error.sqlstate}). {_BUG}")
    else:
        return False
    return True
