"""`agio schema`: the graph as text."""

from typing import Annotated

import typer

from schema.build import public_sdl, subgraph_sdl


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: agio schema --subgraph > subgraph.graphql")(schema)


def schema(
    *, subgraph: Annotated[bool, typer.Option(help="With federation directives, as the router composes it.")] = False
) -> None:
    """Print the graph's schema."""
    typer.echo(subgraph_sdl() if subgraph else public_sdl(), nl=False)
