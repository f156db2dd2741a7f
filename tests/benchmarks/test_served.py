"""The benchmarks over HTTP, end to end and very small: a server of their own, members signed in, every answer right."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from benchmarks import exchange, wallet
from benchmarks.http.load import Slice
from benchmarks.http.measuring import Course, Plan, reported
from benchmarks.http.stage import Stage, staged
from benchmarks.registry import Options
from ledger import audit

MEASURES = ["requests_per_second", "p50_ms", "p99_ms", "errors", "server_cpu_us", "postgres_cpu_us", "load_cpu_share"]


def names(*subjects: str) -> list[str]:
    return [f"{subject}.{measure}" for subject in subjects for measure in MEASURES]


def left_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_wallets_and_exchanges_are_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Both benchmarks on one server: stable names, rates above zero, no wrong answer, and the books are whole."""
    monkeypatch.setenv("AGIO_HOME", str(tmp_path))
    monkeypatch.setattr(Plan, "of", lambda _: Plan(0.3, 0.1, ends_at=0))
    async with staged(Options(), members=24) as stage:

        @asynccontextmanager
        async def the_same(_: Options, *, members: int) -> AsyncIterator[Stage]:
            assert members >= 64
            yield stage

        for module in (wallet, exchange):
            monkeypatch.setattr(module, "staged", the_same)
            monkeypatch.setattr(module, "CONNECTIONS", 8)
        looked, exchanged = await wallet.run(Options(quick=True)), await exchange.run(Options(quick=True))
        assert (await audit(stage.server.database)).whole
    assert (looked.faults, exchanged.faults) == ([], [])
    assert list(looked.figures) == names("plain", "noop", "wallet")
    assert list(exchanged.figures) == names("noop", "exchange", "hot")
    assert list(looked.ratios) == ["wallet.vs_plain", "wallet.vs_noop"]
    assert list(exchanged.ratios) == ["exchange.vs_noop", "exchange.hot_vs_spread"]
    rates = [report.figures[f"{name}.requests_per_second"] for report, name in ((looked, "wallet"), (exchanged, "hot"))]
    assert min(rates) > 0
    assert {"processor", "postgresql_fsync", "load_average"} <= looked.machine.keys()
    assert looked.machine["postgresql_synchronous_commit"] == "on"
    assert left_in(tmp_path) == []


def course(*slices: tuple[int, Counter[str]]) -> Course:
    return Course(
        [Slice(1.0, answers, [0.001] * answers, errors, 0.1) for answers, errors in slices], [100.0] * 3, [50.0] * 3
    )


def test_ratios_are_formed_within_rounds() -> None:
    """A machine that is three times as slow in one round makes no difference: the median of 1/2, 1/2 and 1/4 is 1/2."""
    none = Counter[str]()
    mine, theirs = course((50, none), (20, none), (10, none)), course((100, none), (40, none), (40, none))
    report = reported("it", {}, {"mine": mine, "theirs": theirs}, {"it.vs": ("mine", "theirs")})
    assert report.ratios == {"it.vs": 0.5}
    assert report.figures["mine.requests_per_second"] == 20
    assert report.figures["mine.server_cpu_us"] == 100
    assert report.faults == []


def test_wrong_answers_are_faults() -> None:
    """What came in their place is told, and a slice in which nothing came; the figures stay."""
    bad = course((50, Counter({"oops": 2})), (0, Counter()), (10, Counter({"oops": 1})))
    report = reported("it", {}, {"bad": bad}, {}, faults=["books"])
    assert report.faults == ["books", "bad: 3 times oops", "bad: a slice without answers"]
    assert report.figures["bad.errors"] == 3
