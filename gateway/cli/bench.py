"""`agio bench`: how fast it is, beside honest references."""

import asyncio
from collections.abc import Coroutine
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from benchmarks.registry import BENCHMARKS, Benchmark, Options
from benchmarks.report import Report
from gateway.cli.printing import complain, say, show

Result = TypeVar("Result")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: agio bench exchange --quick --json exchange.json")(bench)


def bench(
    name: Annotated[str | None, typer.Argument(help="Which; see --list.", show_default=False)] = None,
    *,
    listed: Annotated[bool, typer.Option("--list", help="List the benchmarks.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="End within 45 seconds; less exact.")] = False,
    json: Annotated[Path | None, typer.Option(help="Write the figures to this file as well.", dir_okay=False)] = None,
) -> None:
    """Measure on a scratch database, and compare with references measured in the same run.

    Ends with 1 when answers were wrong. A ratio that misses its goal is shown as missed and ends with 0: whether that
    counts depends on the machine.
    """
    if listed:
        show([{"name": found.name, "measures": found.summary} for found in BENCHMARKS.values()], as_json=False)
        return
    report = _measured(_chosen(name), quick=quick)
    if json is not None:
        report.write(json)
    _print(report)
    if report.faults:
        raise typer.Exit(1)


def _chosen(name: str | None) -> Benchmark:
    found = BENCHMARKS.get(name or "")
    if found is None:
        message = f"Choose one of {', '.join(BENCHMARKS)}."
        raise typer.BadParameter(message, param_hint="NAME")
    return found


def _measured(benchmark: Benchmark, *, quick: bool) -> Report:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(benchmark.name, total=None)
        options = Options(quick=quick, progress=lambda told: bar.update(task, description=told))
        return _run(benchmark.run(options))


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    # The loop that the gateway runs on, so that whatever measures it is as quick.
    if find_spec("uvloop") is None:
        return asyncio.run(work)
    import uvloop  # noqa: PLC0415 - not on every system

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def _print(report: Report) -> None:
    console = Console()
    for table in report.tables():
        console.print(table)
    for fault in report.faults:
        complain(fault)
    if report.missed:
        say(f"Missed: {', '.join(report.missed)}")
