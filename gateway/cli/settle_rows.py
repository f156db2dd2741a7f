"""What the commands of `agio settle` have in common."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress

import settlement
from core.amounts import AmountError, format_amount, parse_amount
from core.database import Database
from gateway.cli.printing import show, show_json
from settlement import cash

Number = Annotated[int, typer.Argument(min=1, max=2**63 - 1, help="The window's number.")]
Because = Annotated[str, typer.Option("--reason", help="Why; it is kept.")]

FEN_DECIMALS = 2
MICRO_DECIMALS = 6

Found = TypeVar("Found")


async def on_window(
    database: Database, number: int, work: Callable[[Database, settlement.Window], Awaitable[Found]]
) -> Found | settlement.WindowNotFound:
    """The work on the window with this number."""
    window = await settlement.window_numbered(database, number)
    return window if isinstance(window, settlement.WindowNotFound) else await work(database, window)


@contextmanager
def working(what: str) -> Iterator[None]:
    """A bar on the error stream while something takes its time; nothing where nobody looks."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        bar.add_task(what, total=None)
        yield


def fen(text: str) -> int:
    """An amount of CNY in fen. Raises typer.BadParameter."""
    return _amount(text, FEN_DECIMALS)


def micro(text: str) -> int:
    """An amount of CNY in micro-CNY. Raises typer.BadParameter."""
    return _amount(text, MICRO_DECIMALS)


def cny(amount_fen: int) -> str:
    """Fen as people write them."""
    return format_amount(amount_fen, FEN_DECIMALS)


def show_proposal(proposal: cash.Proposal, *, as_json: bool) -> None:
    """One proposal, and how to decide on it."""
    row = proposal_row(proposal)
    if as_json:
        show_json(row)
    else:
        show([{key: row[key] for key in ("id", "kind", "proposed_by", "verdict", "digest")}], as_json=False)


def proposal_row(proposal: cash.Proposal) -> dict[str, Any]:
    """Everything about a proposal."""
    return {
        "id": proposal.id,
        "kind": proposal.kind.value,
        "content": dict(proposal.content),
        "digest": proposal.digest,
        "proposed_by": proposal.proposed_by,
        "proposed_at": proposal.proposed_at,
        "proposed_reason": proposal.proposed_reason,
        "verdict": None if proposal.verdict is None else proposal.verdict.value,
        "decided_by": proposal.decided_by,
        "decided_at": proposal.decided_at,
        "decided_reason": proposal.decided_reason,
    }


def content_in_words(content: Mapping[str, Any]) -> str:
    """All that a proposal would do, on one line, amounts in CNY."""
    told = {key: value for key, value in content.items() if value is not None and not _is_told(key, content)}
    return ", ".join(_in_words(key, value) for key, value in told.items())


def _is_told(key: str, content: Mapping[str, Any]) -> bool:
    """Whether it is the id of what stands there in words as well, or for programs alone."""
    return key == "fingerprint" or (key.endswith("_id") and key.removesuffix("_id") in content)


def _in_words(key: str, value: object) -> str:
    decimals = {"amount_fen": FEN_DECIMALS, "amount_micro": MICRO_DECIMALS, "won_micro": MICRO_DECIMALS}.get(key)
    if decimals is not None and isinstance(value, int):
        return f"CNY {format_amount(value, decimals)}"
    name = key.removesuffix("_id").replace("_", " ")
    if key == "caps" and isinstance(value, Mapping):
        told = (f"{code} CNY {format_amount(int(cap), MICRO_DECIMALS)}" for code, cap in value.items())
        return f"{name} {'; '.join(told) or 'none'}"
    if key == "breaks" and isinstance(value, Mapping):
        return f"{name} {', '.join(value)}"
    if isinstance(value, Mapping):
        return f"{name} ({', '.join(_in_words(each, found) for each, found in value.items())})"
    return f"{name} {_items(value)}"


def _items(value: object) -> str:
    if not isinstance(value, list | tuple):
        return str(value)
    return "; ".join(" and ".join(each) if isinstance(each, list) else str(each) for each in value) or "none"


def _amount(text: str, decimals: int) -> int:
    try:
        return parse_amount(text, decimals)
    except AmountError as error:
        raise typer.BadParameter(str(error)) from error
