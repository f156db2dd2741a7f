"""The private PostgreSQL: made, shared, stopped by the last who leaves."""

import os
import signal
from pathlib import Path

import asyncpg
import pytest

from core.file_locks import is_free
from core.postgres import postgres, private_postgres
from core.settings import Settings
from tests.core.conftest import ask
from tests.core.lodger import Lodger

SETTING = "SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings WHERE name = ANY('{%s}')"


def postmaster(home: Path) -> int:
    """The pid of the server of `home`."""
    return int((home / "postgres" / "data" / "postmaster.pid").read_text().partition("\n")[0])


def test_a_home_is_made_used_and_left(new_home: Path) -> None:
    """The first use makes the cluster; after the last nothing runs, and what was written is there the next time."""
    home = new_home
    with private_postgres(home) as url:
        ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    assert is_free(home / "postgres" / "running")
    assert not (home / "postgres" / "data" / "postmaster.pid").exists()
    assert not (home / "postgres" / "socket").exists()
    with private_postgres(home) as url:
        assert ask(url, "SELECT answer FROM kept") == 42


def test_everything_about_it_is_private(home: Path) -> None:
    """No TCP port, a socket and a password for its owner alone, and nobody gets in without the password."""
    with private_postgres(home) as url:
        assert ask(url, "SELECT current_setting('listen_addresses')") == ""
        assert (home / "postgres" / "socket").stat().st_mode & 0o777 == 0o700
        for name in ("password", "log"):
            assert (home / "postgres" / name).stat().st_mode & 0o777 == 0o600
        with pytest.raises(asyncpg.InvalidPasswordError):
            ask(url.replace("agio:", "agio:not"), "SELECT 1")


@pytest.mark.parametrize(("durable", "on"), [(True, "on"), (False, "off")])
def test_durability_is_given_up_only_when_asked_to(home: Path, durable: bool, on: str) -> None:  # noqa: FBT001
    """A real home survives a crash of the machine; a fleeting one is fast."""
    with private_postgres(home, durable=durable) as url:
        found = ask(url, SETTING % "fsync,full_page_writes,synchronous_commit")
    assert found == f"fsync={on} full_page_writes={on} synchronous_commit={on}"


def test_text_and_time_mean_the_same_everywhere(home: Path) -> None:
    """Neither the machine's language nor its time zone reaches the database."""
    with private_postgres(home) as url:
        assert ask(url, SETTING % "TimeZone,server_encoding") == "TimeZone=UTC server_encoding=UTF8"
        locale = "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'agio'"
        assert ask(url, locale) == "bC.UTF-8"


def test_the_last_to_leave_stops_it(home: Path) -> None:
    """Two processes share one server, whoever came first and whoever leaves first."""
    with Lodger(home) as one, Lodger(home) as other:
        assert one.url() == other.url()
        pid = postmaster(home)
        one.leave()
        with private_postgres(home) as url:
            assert ask(url, "SELECT 1") == 1
            other.leave()
            assert (postmaster(home), ask(url, "SELECT 1")) == (pid, 1)
    assert is_free(home / "postgres" / "running")


def test_they_may_come_all_at_once(new_home: Path) -> None:
    """Processes that start together on a new home make one cluster and one server."""
    home = new_home
    with Lodger(home) as one, Lodger(home) as two, Lodger(home) as three:
        assert len({one.url(), two.url(), three.url()}) == 1
        for lodger in (one, two, three):
            assert lodger.leave() == ""
    assert is_free(home / "postgres" / "running")


def test_a_process_may_use_it_twice(home: Path) -> None:
    """Uses within one process are counted like those of several."""
    with private_postgres(home):
        with private_postgres(home) as url:
            pass
        assert ask(url, "SELECT 1") == 1
    assert is_free(home / "postgres" / "running")


def test_ctrl_c_reaches_us_alone(home: Path) -> None:
    """The terminal's signal does not hit the server, which we stop in order afterwards."""
    with Lodger(home) as lodger:
        lodger.url()
        assert os.getsid(postmaster(home)) != os.getsid(lodger.pid)
        lodger.signal(signal.SIGINT)
        assert "KeyboardInterrupt" in lodger.leave()
    assert is_free(home / "postgres" / "running")
    assert (home / "postgres" / "log").read_text().rstrip().endswith("database system is shut down")


def test_a_deep_home_has_its_socket_elsewhere(home: Path) -> None:
    """Where the path would be too long for a Unix socket, a short one is used and cleared away."""
    deep = home.parent / ("d" * 100) / "home"
    deep.parent.mkdir()
    home.rename(deep)
    with private_postgres(deep) as url:
        elsewhere = (deep / "postgres" / "socket").readlink()
        assert (elsewhere.stat().st_mode & 0o777, ask(url, "SELECT 1")) == (0o700, 1)
    assert not elsewhere.exists()


def test_its_log_does_not_grow_for_ever(home: Path) -> None:
    """A log over 10 MB is put aside, and one of them is kept."""
    log = home / "postgres" / "log"
    log.write_bytes(b"x" * 10_000_001)
    with private_postgres(home):
        pass
    assert log.with_suffix(".old").stat().st_size == 10_000_001
    assert "ready to accept connections" in log.read_text()


def test_database_url_stands_in_its_place(tmp_path: Path) -> None:
    """Where a database is given, no private one is made."""
    with postgres(Settings(home=tmp_path / "home", port=1, database_url="postgresql://elsewhere/agio")) as url:
        assert url == "postgresql://elsewhere/agio"
    assert not (tmp_path / "home").exists()


def test_without_database_url_the_home_provides(home: Path) -> None:
    """Settings without DATABASE_URL lead to the private one."""
    with postgres(Settings(home=home, port=1, database_url=None)) as url:
        assert ask(url, "SELECT CURRENT_USER") == "agio"


@pytest.mark.parametrize(("memory", "buffers"), [(1 << 20, "128MB"), (4 << 30, "1GB"), (1 << 50, "4GB")])
def test_a_real_home_keeps_much_in_memory(
    home: Path, monkeypatch: pytest.MonkeyPatch, memory: int, buffers: str
) -> None:
    """A quarter of what there is, within bounds."""
    monkeypatch.setattr("core.cluster.memory_bytes", lambda: memory)
    with private_postgres(home) as url:
        assert ask(url, "SHOW shared_buffers") == buffers
