"""Names of persons on the command line."""

from typing import Annotated, TypeAlias

import typer

from settlement import Actor


def person(name: str) -> str:
    """The name as steps are recorded under it. Raises typer.BadParameter when nobody can be called so."""
    try:
        return Actor(name).subject
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def optional_person(name: str | None) -> str | None:
    """The same for a name that may be left out."""
    return None if name is None else person(name)


Who: TypeAlias = Annotated[
    str, typer.Option("--as", callback=person, help="Who takes the step; whoever submits cannot approve.")
]
