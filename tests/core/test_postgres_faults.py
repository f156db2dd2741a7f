"""The private PostgreSQL after everything that can happen to it."""

import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from core.errors import ConfigurationError, PostgresFailed
from core.file_locks import is_free
from core.postgres import private_postgres
from core.socket_folder import is_answered
from tests.core.conftest import ask
from tests.core.lodger import Lodger
from tests.core.test_postgres import postmaster

WRITE = "CREATE TABLE kept AS SELECT 42 AS answer"
READ = "SELECT answer FROM kept"


def kill_server(home: Path) -> int:
    """Kill -9 the server of `home` and wait until it is gone; its children may still be on their way. Its pid."""
    pid = postmaster(home)
    os.kill(pid, signal.SIGKILL)
    while is_answered(home / "postgres"):
        time.sleep(0.001)
    return pid


def test_killed_users_leave_a_server_that_the_next_one_adopts(home: Path) -> None:
    """After kill -9 of its only user the server goes on; the next user finds it, and stops it when leaving."""
    with Lodger(home) as lodger:
        lodger.url()
        pid = postmaster(home)
        lodger.signal(signal.SIGKILL)
        lodger.leave()
    with private_postgres(home) as url:
        assert (postmaster(home), ask(url, "SELECT 1")) == (pid, 1)
    assert is_free(home / "postgres" / "running")


def test_a_killed_server_is_replaced_and_has_lost_nothing(home: Path) -> None:
    """After kill -9 of the server the next user starts another one, which recovers what was committed."""
    with private_postgres(home) as url:
        ask(url, WRITE)
        pid = kill_server(home)
        with private_postgres(home) as again:
            assert postmaster(home) != pid
            assert ask(again, READ) == 42
    assert is_free(home / "postgres" / "running")


def test_both_are_killed(home: Path) -> None:
    """After kill -9 of the user and of the server nothing is lost either."""
    with Lodger(home) as lodger:
        ask(lodger.url(), WRITE)
        kill_server(home)
        lodger.signal(signal.SIGKILL)
    with private_postgres(home) as url:
        assert ask(url, READ) == 42


def test_a_stopped_server_is_no_trouble_when_leaving(home: Path) -> None:
    """Whoever leaves after the server died has nothing to stop, and says nothing."""
    with private_postgres(home):
        kill_server(home)
    assert is_free(home / "postgres" / "running")


@pytest.mark.parametrize("pid", [2**22 + 1, os.getpid()], ids=["nobody's", "somebody else's"])
def test_a_pid_that_lies_is_not_believed(home: Path, pid: int) -> None:
    """A pid file that a crash left behind does not matter, not even when its pid was given to another process."""
    stale = f"{pid}\n{home}/postgres/data\n1\n5432\n{home}/postgres/socket\n\n  1 2\nready   \n"
    (home / "postgres" / "data" / "postmaster.pid").write_text(stale)
    with private_postgres(home) as url:
        assert ask(url, "SELECT 1") == 1
        assert postmaster(home) != pid


def test_a_cluster_half_made_is_made_again(new_home: Path) -> None:
    """Whoever is killed while making the cluster leaves nothing that is taken for a cluster."""
    home = new_home
    half_made = home / "postgres" / "new" / "data" / "PG_VERSION"
    with Lodger(home) as lodger:
        while not half_made.exists():
            time.sleep(0.001)
        lodger.signal(signal.SIGKILL)
    assert not (home / "postgres" / "data").exists()
    with private_postgres(home, durable=False) as url:
        assert ask(url, "SELECT 1") == 1
    assert not half_made.exists()


@pytest.mark.parametrize("sign", ["new/data/PG_VERSION", "data/postmaster.pid"])
def test_ctrl_c_while_it_starts(new_home: Path, sign: str) -> None:
    """Whoever is interrupted while the cluster is made, or while the server starts, leaves nothing running."""
    with Lodger(new_home) as lodger:
        while not (new_home / "postgres" / sign).exists():
            time.sleep(0.001)
        lodger.signal(signal.SIGINT)
        assert "KeyboardInterrupt" in lodger.leave()
    assert is_free(new_home / "postgres" / "running")
    with private_postgres(new_home, durable=False) as url:
        assert ask(url, "SELECT 1") == 1


def test_leftovers_of_a_socket_are_cleared_away(home: Path) -> None:
    """A socket folder, or a link to one, that a crash left behind does not matter."""
    link = home / "postgres" / "socket"
    link.symlink_to(home / "gone")
    with private_postgres(home):
        assert link.is_dir()
    link.mkdir()
    (link / ".s.PGSQL.5432").touch()
    with private_postgres(home) as url:
        assert ask(url, "SELECT 1") == 1


def test_a_server_that_cannot_start_says_why(home: Path) -> None:
    """The error ends with the server's own words, nothing is left running, and mended it starts."""
    settings = home / "postgres" / "data" / "postgresql.conf"
    sound = settings.read_text()
    settings.write_text(f"{sound}\nshared_buffers = 'a lot'\n")
    with pytest.raises(PostgresFailed, match="invalid value for parameter"), private_postgres(home):
        pass
    assert is_free(home / "postgres" / "running")
    assert is_free(home / "postgres" / "users")
    settings.write_text(sound)
    with private_postgres(home) as url:
        assert ask(url, "SELECT 1") == 1


def test_a_cluster_that_cannot_be_made_says_why(new_home: Path, tmp_path: Path) -> None:
    """The error says of which folder, and the next try starts afresh."""
    home = new_home
    blocked = home / "postgres" / "data"
    blocked.parent.mkdir(parents=True)
    blocked.symlink_to(tmp_path / "nowhere" / "data")
    with (
        pytest.raises(ConfigurationError, match=r"AGIO_HOME cannot be .*home: Not a directory"),
        private_postgres(home),
    ):
        pass
    blocked.unlink()
    shutil.rmtree(home / "postgres" / "new", ignore_errors=True)
    with private_postgres(home, durable=False) as url:
        assert ask(url, "SELECT 1") == 1
