"""The report of a benchmark: stable JSON, and a verdict on every ratio that has a goal."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.machine import describe_machine, describe_server
from benchmarks.registry import BENCHMARKS
from benchmarks.report import Goal, Report
from core.database import Connection

REPORT = Report(
    "speed",
    {"processor": "abacus", "cores": 2},
    {"zipf.1000": 71234.5678, "audit.seconds": 0.123456},
    {"fast": 12.3456, "slow": 1.2, "free": 3.0},
    {"fast": Goal(least=10), "slow": Goal(most=1.15)},
)


def test_json_has_three_parts(tmp_path: Path) -> None:
    """Machine, figures and ratios; numbers with as many digits as mean something."""
    REPORT.write(tmp_path / "report.json")
    assert json.loads((tmp_path / "report.json").read_text()) == {
        "machine": {"processor": "abacus", "cores": 2},
        "figures": {"zipf.1000": 71235.0, "audit.seconds": 0.12346},
        "ratios": {"fast": 12.346, "slow": 1.2, "free": 3.0},
    }


def test_ratios_that_miss_their_goal_are_named() -> None:
    """A ratio may be bounded from below or from above; one without a goal never misses."""
    assert REPORT.missed == ["slow"]
    assert str(Goal(least=10)) == "≥ 10"
    assert str(Goal(most=1.15)) == "≤ 1.15"
    assert Goal(least=1, most=2).reached(2.0)
    assert not Goal(least=1, most=2).reached(2.1)


def test_tables_tell_the_verdict() -> None:
    """A person reads value, goal and verdict in one line."""
    console = Console(width=100, record=True)
    for table in REPORT.tables():
        console.print(table)
    text = console.export_text()
    assert [word in text for word in ("71,235", "reached", "missed", "≥ 10")] == [True] * 4


async def test_the_machine_is_described(superuser: Connection) -> None:
    """Processor, memory, and the settings of PostgreSQL that decide about durability."""
    machine = describe_machine() | await describe_server(superuser)
    assert {"processor", "cores", "memory_gib", "postgresql_version", "postgresql_fsync"} <= machine.keys()
    assert machine["cores"] in range(1, 10_000)


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_registered_benchmark_can_be_found(name: str) -> None:
    """A name leads to a function."""
    assert BENCHMARKS[name].name == name
    assert callable(BENCHMARKS[name].load())
