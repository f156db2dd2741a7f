"""What commands print: tables for people, JSON for programs, complaints on the error stream."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NoReturn

import orjson
import typer
from rich.console import Console
from rich.table import Table

from core.errors import Refusal

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_out = Console(highlight=False)
_wide = Console(highlight=False, width=10_000)
"""For files and pipes, in which nothing has to be folded."""
_err = Console(stderr=True, highlight=False, style="red")


def say(text: str) -> None:
    """A line for a person."""
    _out.print(text, markup=False, soft_wrap=True)


def complain(text: str) -> None:
    """A line about what is wrong."""
    _err.print(text, markup=False, soft_wrap=True)


def refuse(refusal: Refusal) -> NoReturn:
    """Say why not, and end with 1."""
    complain(refusal.message)
    raise typer.Exit(1)


def show(rows: Sequence[Mapping[str, Any]], *, as_json: bool, empty: str = "Nothing.") -> None:
    """A table with a column per key, or a JSON array of the same."""
    if as_json:
        show_json(rows)
    elif not rows:
        say(empty)
    else:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for key in rows[0]:
            table.add_column(key.replace("_", " "), overflow="fold")
        for row in rows:
            table.add_row(*(_text(value) for value in row.values()))
        (_out if _out.is_terminal else _wide).print(table)


def show_json(value: Any) -> None:
    """JSON, indented."""
    typer.echo(orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode())


def _text(value: Any) -> str:
    return "" if value is None else str(value)
