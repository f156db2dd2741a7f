"""`agio token`: tokens for staff, until staff sign in through a provider of the operator's own; and signing keys."""

from typing import Annotated

import typer

from core.clock import SystemClock
from core.settings import Settings
from gateway.cli.persons import person
from gateway.cli.printing import AsJson, say, show_json
from gateway.oauth.access import AccessTokens
from gateway.oauth.keys import SigningKeys
from gateway.settings import GatewaySettings
from schema.scopes import ROLE_SCOPES, Role
from schema.viewer import Viewer, ViewerKind

STAFF_SECONDS = 8 * 3_600
STAFF_CLIENT_ID = "agio-cli"
EXAMPLE = "Example: agio token staff lin.wei --role maker"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="Access tokens of staff, and the keys that sign tokens.", no_args_is_help=True, epilog=EXAMPLE
    )
    group.command(epilog=EXAMPLE)(staff)
    group.command("rotate-keys", epilog="Example: agio token rotate-keys")(rotate_keys)
    app.add_typer(group, name="token")


def staff(
    name: Annotated[str, typer.Argument(callback=person, help="Who it is; two names are two persons.")],
    role: Annotated[list[Role], typer.Option(help="May be given several times.")],
    minutes: Annotated[int, typer.Option(min=1, max=STAFF_SECONDS // 60, help="How long it is good for.")] = 60,
    *,
    as_json: AsJson = False,
) -> None:
    """Print an access token for a member of staff. Whoever can read AGIO_HOME can make one.

    It is good at one address: AGIO_PUBLIC_URL, or AGIO_PORT without it, must be set as for the server.
    """
    settings = GatewaySettings.from_environment()
    scopes = frozenset(str(scope) for held in role for scope in ROLE_SCOPES[held])
    viewer = Viewer(ViewerKind.STAFF, name, STAFF_CLIENT_ID, scopes)
    token = token_of(settings, viewer, lifetime_seconds=minutes * 60)
    if as_json:
        show_json({"token": token, "name": name, "scopes": sorted(scopes), "lifetime_seconds": minutes * 60})
    else:
        say(token)


def token_of(settings: GatewaySettings, viewer: Viewer, *, lifetime_seconds: int) -> str:
    """A token that speaks for `viewer`."""
    tokens = AccessTokens(_keys(settings.core), SystemClock(), settings.public_url)
    return tokens.issue(viewer, lifetime_seconds=lifetime_seconds)


def rotate_keys(*, as_json: AsJson = False) -> None:
    """Sign with a new key from now on, in every running process; tokens signed with the last two stay good."""
    kid = _keys(Settings.from_environment()).rotate()
    if as_json:
        show_json({"kid": kid})
    else:
        say(kid)


def _keys(settings: Settings) -> SigningKeys:
    return SigningKeys(settings.home / "keys")
