"""A private PostgreSQL that dies while somebody serves with it is started again, a bounded number of times."""

import logging
import time
from pathlib import Path

import asyncpg
import pytest

from core import keeper
from core.file_locks import is_free
from core.postgres import private_postgres
from tests.core.conftest import ask
from tests.core.test_postgres import postmaster
from tests.core.test_postgres_faults import READ, WRITE, kill_server


def until_answered(url: str) -> None:
    """Ask until somebody answers; the test run's own time limit ends one that never does."""
    while True:
        try:
            ask(url, "SELECT 1")
        except (OSError, asyncpg.PostgresError):
            time.sleep(0.02)
        else:
            return


@pytest.mark.parametrize("folder", ["home", "a-deep-folder/" * 8 + "home"], ids=["short", "deep"])
def test_it_is_started_again_at_the_same_address(home: Path, folder: str, caplog: pytest.LogCaptureFixture) -> None:
    """Also where the socket lies in a folder with a shorter path, for pools go on asking at the address they know."""
    place = home.parent / folder
    place.parent.mkdir(parents=True, exist_ok=True)
    home.rename(place)
    with caplog.at_level(logging.WARNING, "agio.postgres"), private_postgres(place, kept=True) as url:
        ask(url, WRITE)
        pid = kill_server(place)
        until_answered(url)
        assert (ask(url, READ), postmaster(place) != pid) == (42, True)
    assert [record.message.partition(" after")[0] for record in caplog.records] == [
        "PostgreSQL has died; it is started again",
        "PostgreSQL answers again",
    ]
    assert is_free(place / "postgres" / "running")
    place.rename(home)


def test_two_users_start_it_once(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(logging.WARNING, "agio.postgres"),
        private_postgres(home, kept=True) as url,
        private_postgres(home, kept=True),
    ):
        kill_server(home)
        until_answered(url)
    assert [record.message for record in caplog.records].count("PostgreSQL has died; it is started again") == 1


def test_what_dies_again_and_again_rests(
    home: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk or a broken file is for a person to mend; starting again and again would only fill the log."""
    monkeypatch.setattr(keeper, "STARTS_SECONDS", 3_600.0)
    with caplog.at_level(logging.WARNING, "agio.postgres"), private_postgres(home, kept=True) as url:
        for _ in range(keeper.STARTS_MAX):
            kill_server(home)
            until_answered(url)
        kill_server(home)
        while "it rests for now" not in caplog.text:
            time.sleep(0.01)
        with pytest.raises(OSError, match=r".*"):
            ask(url, "SELECT 1")
    assert caplog.text.count("it is started again") == keeper.STARTS_MAX
