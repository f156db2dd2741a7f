"""The command line. Each command exits with 0, 1 (refused, or something was found) or 2 (wrong usage)."""

import sys

import typer

from core.errors import AgioError, ConfigurationError
from gateway.cli import (
    audit,
    awards,
    bench,
    books,
    brand,
    breaks,
    caps,
    demo,
    exchange,
    members,
    migrate,
    month_end,
    rate,
    reconcile,
    serve,
    settle,
    simulate_brand,
    token,
    webhooks,
    worker,
)
from gateway.cli import schema as schema_command
from gateway.cli.printing import complain
from gateway.logs import shorten_pool_logs

app = typer.Typer(
    name="agio",
    help="Points of one brand become points of another, rights of one are honoured by another, and the books close.",
    epilog="Example: agio demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

COMMANDS = (
    demo,
    serve,
    worker,
    migrate,
    brand,
    simulate_brand,
    members,
    awards,
    rate,
    exchange,
    caps,
    settle,
    month_end,
    books,
    reconcile,
    breaks,
    audit,
    token,
    webhooks,
    bench,
    schema_command,
)
for register in COMMANDS:
    register.register(app)


def main() -> None:
    """Run one command."""
    shorten_pool_logs()
    try:
        app()
    except ConfigurationError as error:
        complain(str(error))
        sys.exit(2)
    except (AgioError, OSError) as error:
        complain(str(error) or type(error).__name__)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
