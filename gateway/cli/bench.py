"""`agio bench`: how fast it is, beside honest references."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from benchmarks.registry import BENCHMARKS, Benchmark, Options
from benchmarks.report import Report
from core.loop import loop_factory
from gateway.cli.printing import complain, say, show


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
        # The loop that the gateway runs on, so that whatever measures it is as quick.
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            return runner.run(benchmark.run(options))


def _print(report: Report) -> None:
    console = Console()
    for table in report.tables():
        console.print(table)
    for fault in report.faults:
        complain(fault)
    if report.missed:
        say(f"Missed: {', '.join(report.missed)}")
