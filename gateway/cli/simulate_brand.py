"""`agio simulate-brand`: a brand's system to try things against."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from adapters.drop.folders import Folders
from adapters.simulator.brand import BrandSimulator, usual_members
from adapters.simulator.nightly import NightClerk
from adapters.simulator.terms import Flaw, Terms
from brands import ConfigRefused, load_network_file
from brands.adapter.drop_folder import DropFolder
from core.errors import AgioError
from core.file_locks import locked_if_free
from gateway.cli.printing import refuse, say

EXAMPLE = "Example: agio simulate-brand --port 8900 --state brand.journal"
_LOOK_SECONDS = 1.0


class StateUnreadable(AgioError):
    """The state file is not a journal of the simulator."""


class StateInUse(AgioError):
    """Another simulator writes the state file."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate-brand", epilog=EXAMPLE)(simulate_brand)


def simulate_brand(  # noqa: PLR0913 - one option a line
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 picks a free one.")] = 8900,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    program: Annotated[str, typer.Option(help="The program's code.")] = "SIM",
    decimals: Annotated[int, typer.Option(min=0, max=6, help="Decimals of its points.")] = 0,
    key: Annotated[str, typer.Option(help="The bearer token that callers must show.")] = Terms().key,
    state: Annotated[Path | None, typer.Option(help="Keep the books in this file.")] = None,
    webhook: Annotated[str | None, typer.Option(help="Where to tell of what was pending, and of tiers.")] = None,
    webhook_secret: Annotated[str, typer.Option(help="The secret of their signatures.")] = Terms().webhook_secret,
    answers_later: Annotated[
        float | None, typer.Option(help="Decide every instruction only after so many seconds.")
    ] = None,
    validation_required: Annotated[
        bool, typer.Option("--validation-required", help="Every instruction needs a member validation of its own.")
    ] = False,
    requests_per_second: Annotated[
        float | None, typer.Option(min=0.1, help="More than that are answered with 429.")
    ] = None,
    network: Annotated[Path | None, typer.Option(help="Whose files to answer: a network file of kind `file`.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Where its files lie: to-brand and from-brand are below.")] = None,
    flaw: Annotated[list[Flaw] | None, typer.Option(help="A mistake to make; may be repeated.")] = None,
) -> None:
    """Play a brand until Ctrl-C: books of its own, REST and GraphQL, and every fault you order.

    Members 10000001 to 10000020 have 100,000 points each; the page at / shows the books and every call.
    With --network and --folder it also answers the nightly files of that program.
    """
    form = _form(network, program) if network else None
    if (form is None) != (folder is None):
        raise typer.BadParameter("--network and --folder go together")
    terms = Terms(
        program=program,
        decimals=decimals,
        key=key,
        webhook_url=webhook,
        webhook_secret=webhook_secret,
        answers_later_seconds=answers_later,
        validation_required=validation_required,
        requests_per_second=requests_per_second,
        flaws=frozenset(flaw or ()),
    )
    with _alone(state):
        simulator = _opened(terms, state)
        clerk = NightClerk(terms, simulator.desk, form, Folders(folder)) if form and folder else None
        asyncio.run(_serve(simulator, host, port, clerk))


@contextmanager
def _alone(state: Path | None) -> Iterator[None]:
    """Nobody else writes this journal meanwhile. Raises StateInUse."""
    if state is None:
        yield
        return
    state.parent.mkdir(parents=True, exist_ok=True)
    with locked_if_free(state.with_name(f"{state.name}.lock")) as held:
        if held is None:
            message = f"{state} is used by another simulator"
            raise StateInUse(message)
        yield


def _opened(terms: Terms, state: Path | None) -> BrandSimulator:
    try:
        return BrandSimulator(terms, state=state)
    except msgspec.MsgspecError as error:
        message = f"{state} is not a journal of the simulator: {error}"
        raise StateUnreadable(message) from error


async def _serve(simulator: BrandSimulator, host: str, port: int, clerk: NightClerk | None) -> None:
    if not simulator.books.members:
        simulator.open_members(*usual_members(simulator.terms))
    async with simulator.serving(port, host) as url:
        say(url)
        while True:
            for name in clerk.work() if clerk else ():
                say(f"Answered: {name}")
            await asyncio.sleep(_LOOK_SECONDS)


def _form(network: Path, program: str) -> DropFolder:
    config = load_network_file(network)
    if isinstance(config, ConfigRefused):
        refuse(config)
    found = config.network.programs.get(program)
    if found is None or found.adapter.drop_folder is None:
        message = f"{network} has no program {program} of kind file; --program names it"
        raise typer.BadParameter(message)
    return found.adapter.drop_folder
