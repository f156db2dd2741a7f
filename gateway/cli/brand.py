"""`agio brand`: brands by configuration."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

import brands
from core.database import Database
from core.persons import Actor
from core.settings import Settings
from gateway.cli.brand_adapter import adapter_group
from gateway.cli.brand_secret import secrets_group
from gateway.cli.certify import CERTIFY_EXAMPLE, LIST_EXAMPLE, certifications_of, certify
from gateway.cli.persons import optional_person
from gateway.cli.printing import AsJson, refuse, say, show, show_json
from gateway.cli.running import run

EXAMPLE = "Example: agio brand apply examples/network/*.toml"
SECRET_PREFIX = "AGIO_SECRET_"  # noqa: S105 - the name of a variable


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Brands, their programs, rates and rights.", no_args_is_help=True, epilog=EXAMPLE)
    group.command(epilog=EXAMPLE)(apply)
    group.command(epilog=CERTIFY_EXAMPLE)(certify)
    group.command("certifications", epilog=LIST_EXAMPLE)(certifications_of)
    group.add_typer(adapter_group(), name="adapter")
    group.add_typer(secrets_group(), name="secret")
    app.add_typer(group, name="brand")


def apply(
    files: Annotated[list[Path], typer.Argument(help="Network files; they may refer to each other.")],
    who: Annotated[
        str | None, typer.Option("--as", callback=optional_person, help="Who submits changed rates; another approves.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Put network files into force, all of them or nothing.

    Secrets of new OAuth2 clients are made and shown this once, unless AGIO_SECRET_<CLIENT_ID> gives them
    (upper case, with _ for -). The first rate of a program comes into force with its file; a changed one is
    submitted and waits for a second person (`agio rate approve`).
    """
    configs = brands.load_network_files(files)
    if isinstance(configs, brands.ConfigRefused):
        refuse(configs)

    async def work(database: Database, _: Settings) -> brands.Applied | brands.ConfigRefused:
        actor = None if who is None else Actor(who)
        return await brands.apply_all(database, configs, secrets=_secrets(configs), actor=actor)

    outcome = run(work)
    if isinstance(outcome, brands.ConfigRefused):
        refuse(outcome)
    _report(outcome, as_json=as_json)


def _secrets(configs: Iterable[brands.BrandConfig]) -> dict[str, str]:
    clients = {client for config in configs for client in config.network.clients}
    given = {client: os.environ.get(SECRET_PREFIX + client.upper().replace("-", "_")) for client in clients}
    return {client: secret for client, secret in given.items() if secret}


def _report(applied: brands.Applied, *, as_json: bool) -> None:
    changes = [{"path": change.path, "before": change.before, "after": change.after} for change in applied.changes]
    secrets = [{"client_id": made.client_id, "secret": made.secret} for made in applied.secrets]
    proposals = [{"number": made.number, "digest": made.digest} for made in applied.proposals]
    if as_json:
        show_json({"changes": changes, "secrets": secrets, "proposals": proposals})
        return
    show(changes, as_json=False, empty="Everything was so already; nothing was changed.")
    for made in applied.proposals:
        say(f"\nThe changed rate waits for a second person: agio rate approve {made.number} --digest {made.digest}")
    if secrets:
        say("\nSecrets of new clients. They are not kept: this is the only time they are shown.")
        show(secrets, as_json=False)
