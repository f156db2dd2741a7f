"""`agio brand secret`: the secrets of brands' own systems, kept encrypted."""

import os
import sys
from typing import Annotated, NoReturn

import typer

import brands
from adapters.brand_systems.secrets import variable
from brands import Program, connecting
from brands.connecting.errors import SECRET_LENGTH_MAX
from brands.secret_store import SecretStore, remove_secret, secret_names
from core.database import Connection, Database
from core.errors import Refusal
from core.secrets import root_secret
from core.settings import Settings
from exchange.saga.hurrying import try_new_credentials
from gateway.cli.printing import AsJson, complain, say, show
from gateway.cli.running import run_on_books

EXAMPLE = "Example: agio brand secret set HARBOUR api-key < key.txt"

_Program = Annotated[str, typer.Argument(help="The program's code.")]
_Name = Annotated[str, typer.Argument(help="The secret's name, as the network file has it.")]


def secrets_group() -> typer.Typer:
    """The commands."""
    group = typer.Typer(help="Secrets of brands' own systems.", no_args_is_help=True, epilog=EXAMPLE)
    group.command("set", epilog=EXAMPLE)(set_secret)
    group.command("list", epilog="Example: agio brand secret list")(list_secrets)
    group.command("remove", epilog="Example: agio brand secret remove HARBOUR api-key")(remove)
    return group


def set_secret(program: _Program, name: _Name) -> None:
    """Keep a secret, read from the standard input; on a terminal it is asked for and not shown.

    The environment's AGIO_BRAND_<PROGRAM>_<NAME> goes before what is kept.
    """
    typed = typer.prompt("Secret", hide_input=True) if sys.stdin.isatty() else sys.stdin.read(SECRET_LENGTH_MAX + 2)
    value = typed.strip("\r\n")

    async def work(database: Database, settings: Settings) -> int | Refusal:
        store = SecretStore.from_root(root_secret(settings.home))
        found = await connecting.set_secret(database, store, program, name, value)
        return found if isinstance(found, Refusal) else await try_new_credentials(database, found.program)

    waiting = run_on_books(work)
    if isinstance(waiting, Refusal):
        _end(waiting.message)
    say(f"Kept. It is used within half a minute; {variable(program, name)} would go before it.")
    if waiting:
        say(f"What was refused for our credentials is tried again then: {waiting}.")


def list_secrets(*, as_json: AsJson = False) -> None:
    """Which secrets network files name, and where each comes from; values are never shown."""

    async def work(database: Database, settings: Settings) -> list[dict[str, str]]:
        del settings
        async with database.connection() as connection:
            programs = (await brands.directory(connection)).programs.values()
            kept = {program.id: set(await secret_names(connection, program.id)) for program in programs}
        return [_row(program, name, kept[program.id]) for program in programs for name in program.adapter.secret_names]

    show(run_on_books(work), as_json=as_json, empty="No network file names a secret.")


def remove(program: _Program, name: _Name) -> None:
    """Forget a secret that is kept."""

    async def work(database: Database, settings: Settings) -> bool:
        del settings
        async with database.transaction() as connection:
            return await remove_secret(connection, (await _program_named(connection, program)).id, name)

    if not run_on_books(work):
        _end(f"No secret {name} of {program} is kept.")
    say("Forgotten.")


def _row(program: Program, name: str, kept: set[str]) -> dict[str, str]:
    where = "environment" if os.environ.get(variable(program.code, name)) else "store" if name in kept else "missing"
    return {"program": program.code, "secret": name, "from": where, "variable": variable(program.code, name)}


async def _program_named(connection: Connection, code: str) -> Program:
    found = (await brands.directory(connection)).program(code)
    if found is None:
        _end(f"There is no program {code}.")
    return found


def _end(sentence: str) -> NoReturn:
    complain(sentence)
    raise typer.Exit(1)
