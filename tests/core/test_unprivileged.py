"""PostgreSQL as root, as an ordinary user, and where the way to its files is barred."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core import unprivileged
from core.file_locks import is_free
from core.postgres import private_postgres
from tests.core.conftest import ask
from tests.core.lodger import Lodger
from tests.core.test_postgres import postmaster

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")

with_capsh = pytest.mark.skipif(not shutil.which("capsh"), reason="needs capsh to take capabilities away")


def _modes(path: Path) -> list[int]:
    return [folder.stat().st_mode for folder in [path, *path.parents]]


def _owner_of_process(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


@pytest.fixture
def barred(home: Path) -> Path:
    """A home in a folder that only its owner may enter."""
    home.parent.chmod(0o700)
    return home


@as_root
def test_root_runs_it_as_nobody(barred: Path) -> None:
    """The server is not root; nobody's folders were opened to others for it, and it cannot write outside of its own."""
    before = _modes(barred)
    with private_postgres(barred) as url:
        assert _owner_of_process(postmaster(barred)) == pwd.getpwnam("nobody").pw_uid
        program = f"touch {barred}/mark"
        with pytest.raises(Exception, match=f'program "{program}" failed'):
            ask(url, f"COPY (SELECT 1) TO PROGRAM '{program}'")
    assert _modes(barred) == before


@as_root
def test_an_ordinary_user_runs_it_as_himself(new_home: Path) -> None:
    """An ordinary user's home is made, used and left without any help of root's."""
    home = new_home
    home.mkdir(mode=0o700)
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    with Lodger(home, owner=home) as lodger:
        assert ask(lodger.url(), "SELECT 1") == 1
        assert _owner_of_process(postmaster(home)) == _owner_of_process(lodger.pid) == nobody.pw_uid
        assert lodger.leave() == ""
    assert is_free(home / "postgres" / "running")
    assert {path.owner() for path in home.rglob("*")} == {"nobody"}


@as_root
def test_root_runs_an_ordinary_users_home_as_that_user(barred: Path) -> None:
    """Root who looks into somebody's home leaves it to its owner as it was."""
    with private_postgres(barred) as url:
        assert ask(url, "SELECT 1") == 1
    found = barred / "postgres" / "data"
    for path in [found, *found.rglob("*")]:
        os.chown(path, 12_345, 12_345)
    with private_postgres(barred) as url:
        assert (_owner_of_process(postmaster(barred)), ask(url, "SELECT 1")) == (12_345, 1)


@as_root
def test_somebody_elses_home_is_refused(barred: Path, tmp_path: Path) -> None:
    """An ordinary user who was given root's home is told what to do, in one line, without a trace of it there."""
    own = tmp_path / "own"
    own.mkdir()
    shutil.chown(own, "nobody")
    with Lodger(barred, owner=own) as lodger:
        assert lodger.url() == ""
        assert "ConfigurationError" in lodger.leave()
    assert sorted(path.name for path in (barred / "postgres").iterdir()) == [
        *("data", "gate", "log", "password", "running", "users")
    ]


def _limited(*limits: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Use `home` as a root from whom capabilities have been taken."""
    lodger = f"exec {sys.executable} -m tests.core.lodger {home}"
    command = ["capsh", *limits, "--", "-c", lodger]
    return subprocess.run(command, input="", capture_output=True, text=True, check=False)


@as_root
@with_capsh
def test_root_who_may_not_lend_is_told(barred: Path) -> None:
    """Where no capability may be lent, the error says which user cannot reach what, and what to do."""
    done = _limited("--secbits=64", home=barred)
    assert done.stdout == ""
    assert f"user {pwd.getpwnam('nobody').pw_uid} cannot reach {barred}" in done.stderr
    assert "Use a checkout and an AGIO_HOME that other users can enter" in done.stderr
    assert is_free(barred / "postgres" / "running")


@as_root
@with_capsh
def test_root_who_is_an_ordinary_user_to_files_is_told(barred: Path) -> None:
    """A root that has no power over others' files cannot use what nobody runs for him."""
    done = _limited("--drop=cap_dac_read_search,cap_dac_override", home=barred)
    assert (done.stdout, f"{barred} belongs to another user" in done.stderr) == ("", True)
    assert is_free(barred / "postgres" / "users")


@as_root
@with_capsh
def test_either_capability_will_do(barred: Path) -> None:
    """A container that has only the stronger one, as is usual, lends that."""
    done = _limited("--drop=cap_dac_read_search", home=barred)
    assert (done.stderr, done.stdout[:13]) == ("", "postgresql://")


@as_root
def test_programs_out_of_reach_may_ask_about_themselves(barred: Path) -> None:
    """PostgreSQL's programs look for each other with access(2), which must not forget what was lent."""
    place = barred / "programs"
    place.mkdir()
    program = place / "program"
    program.touch(mode=0o755)
    shutil.chown(place, "nobody")
    ask_access = "import os, sys; sys.exit(not os.access(sys.argv[1], os.X_OK))"
    command = [
        sys.executable,
        unprivileged.__file__,
        "wait",
        str(place),
        sys.executable,
        "-c",
        ask_access,
        str(program),
    ]
    assert subprocess.run(command, check=False).returncode == 0


def test_a_command_is_run_as_it_stands(tmp_path: Path) -> None:
    """Arguments arrive as they are, and the exit code comes back."""
    script = "import os, sys; os.write(1, sys.argv[1].encode()); sys.exit(7)"
    command = [
        sys.executable,
        unprivileged.__file__,
        "wait",
        str(tmp_path),
        sys.executable,
        "-c",
        script,
        "a b'\"$HOME",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (7, "a b'\"$HOME", "")


def test_a_detached_command_outlives_its_starter(tmp_path: Path) -> None:
    """The starter ends at once; the command goes on under another parent."""
    script = "import os, sys; os.write(1, b'%d' % os.getpid()); sys.stdout.close(); os.close(1); input()"
    command = [sys.executable, unprivileged.__file__, "detach", str(tmp_path), sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as starter:
        assert starter.wait() == 0
        assert starter.stdout is not None
        pid = int(starter.stdout.read())
        assert pid != starter.pid
        os.kill(pid, signal.SIGKILL)
