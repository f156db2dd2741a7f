"""The outcome of a benchmark: figures, the ratios between them, and what each ratio should reach."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.table import Table

from benchmarks.machine import Machine


@dataclass(frozen=True, slots=True)
class Goal:
    """What a ratio should reach: at least `least`, or at most `most`."""

    least: float | None = None
    most: float | None = None

    def reached(self, ratio: float) -> bool:
        """Whether `ratio` is good enough."""
        return (self.least is None or ratio >= self.least) and (self.most is None or ratio <= self.most)

    def __str__(self) -> str:
        bounds = [f"≥ {self.least:g}" if self.least is not None else "", f"≤ {self.most:g}" if self.most else ""]
        return " ".join(bound for bound in bounds if bound)


@dataclass(frozen=True, slots=True)
class Report:
    """One run of one benchmark. Names are stable: they are compared between versions."""

    name: str
    machine: Machine
    figures: Mapping[str, float]
    """Measurements: rates per second, unless the name ends in another unit (`…_ms`, `….seconds`)."""
    ratios: Mapping[str, float]
    goals: Mapping[str, Goal] = field(default_factory=dict)
    faults: Sequence[str] = ()
    """What went wrong while it was measured, so that the figures are not to be believed."""

    @property
    def missed(self) -> list[str]:
        """The names of the ratios that fall short of their goals."""
        return [
            name for name, ratio in self.ratios.items() if name in self.goals and not self.goals[name].reached(ratio)
        ]

    def to_json(self) -> str:
        """`{"machine": {…}, "figures": {name: number}, "ratios": {name: number}}`."""
        content = {"machine": self.machine, "figures": _rounded(self.figures), "ratios": _rounded(self.ratios)}
        return json.dumps(content, indent=2, ensure_ascii=False) + "\n"

    def write(self, path: Path) -> None:
        """Write `to_json()` to `path`."""
        path.write_text(self.to_json(), encoding="utf-8")

    def tables(self) -> list[Table]:
        """The figures and the ratios, as a person reads them."""
        figures = _figures(f"agio bench {self.name}", self.figures)
        ratios = _table("ratios", "ratio", "value", "goal", "")
        for name, ratio in self.ratios.items():
            goal = self.goals.get(name)
            verdict = "" if goal is None else "reached" if goal.reached(ratio) else "missed"
            ratios.add_row(name, f"{ratio:.3g}", str(goal or ""), verdict)
        return [figures, ratios]


_COLUMNS = range(2, 9)
"""So many measures are columns; a single one, and more than these, are rows of a plain table."""


def _figures(title: str, figures: Mapping[str, float]) -> Table:
    """A row for each subject and a column for each measure, where all subjects have the same measures."""
    measures: dict[str, list[str]] = {}
    for subject, _, measure in (name.rpartition(".") for name in figures):
        measures.setdefault(subject, []).append(measure)
    (first, *others) = measures.values()
    if len(first) not in _COLUMNS or any(other != first for other in others):
        table = _table(title, "figure", "value")
        for name, value in figures.items():
            table.add_row(name, _readable(value))
        return table
    table = _table(title, "", *(measure.replace("_", " ") for measure in first))
    for subject in measures:
        table.add_row(subject, *(_readable(figures[f"{subject}.{measure}"]) for measure in first))
    return table


def _readable(value: float) -> str:
    return f"{value:,.4g}" if value < 100 else f"{value:,.0f}"  # noqa: PLR2004 - digits worth reading


def _rounded(numbers: Mapping[str, float]) -> dict[str, float]:
    return {name: float(f"{number:.5g}") for name, number in numbers.items()}


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for position, column in enumerate(columns):
        table.add_column(column, justify="left" if position == 0 else "right")
    return table
