"""How the journey is told: numbered steps, facts, and small tables."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

_console = Console(width=100, highlight=False)
_steps = iter(range(1, 100))


def step(title: str) -> None:
    """Begin the next step."""
    _console.print(f"\n[bold]{next(_steps)}  {title}[/bold]")


def fact(text: str) -> None:
    """Something that was seen."""
    _console.print(f"   {text}", markup=False, soft_wrap=True)


def table(rows: Sequence[Mapping[str, str]]) -> None:
    """The rows, with a column for each key; amounts stand to the right."""
    found = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    for key, value in rows[0].items():
        found.add_column(key, justify="right" if value.replace(",", "").lstrip("-")[:1].isdigit() else "left")
    for row in rows:
        found.add_row(*row.values())
    _console.print(Padding(found, (0, 0, 0, 3), expand=False))


def number(amount: str) -> str:
    """A decimal string with its thousands set apart."""
    whole, point, fraction = amount.partition(".")
    return f"{int(whole):,}{point}{fraction}"


def money(amount: str) -> str:
    """CNY, as the graph gives it, for a person: whole fen without trailing zeros beyond them."""
    whole, _, fraction = amount.partition(".")
    decimals = fraction.rstrip("0").ljust(2, "0")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{abs(int(whole)):,}.{decimals}"
