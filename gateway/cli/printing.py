"""What commands print: tables for people, JSON for programs, complaints on the error stream."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import fields
from typing import Annotated, Any, NoReturn

import orjson
import typer
from rich.console import Console
from rich.table import Table

from core.errors import Refusal

_json_wanted: ContextVar[bool] = ContextVar("json_wanted", default=False)
"""Whether the command that runs was called with `--json`."""


def want_json(wanted: bool) -> bool:  # noqa: FBT001 - typer's signature
    """Whether failures are told in JSON, from here on."""
    _json_wanted.set(wanted)
    return wanted


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.", callback=want_json)]

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
    tell_failure(type(refusal).__name__, refusal.message, _facts(refusal))
    raise typer.Exit(1)


def tell_failure(code: str, message: str, facts: Mapping[str, Any] | None = None) -> None:
    """A sentence on the error stream; with `--json` an object with one key, `error`, where the answer would stand."""
    if _json_wanted.get():
        show_json({"error": {"code": code, "message": message, "facts": facts or {}}})
    else:
        complain(message)


def _facts(refusal: Refusal) -> dict[str, Any]:
    return {each.name: getattr(refusal, each.name) for each in fields(refusal)}


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
