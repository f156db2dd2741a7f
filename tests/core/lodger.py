"""A user of a home's private PostgreSQL: run as a process of its own, and the tests' handle on such a process."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from core import unprivileged
from core.postgres import private_postgres


class Lodger:
    """Another process that uses the private PostgreSQL of `home` until it is told to leave."""

    def __init__(self, home: Path, *, owner: Path | None = None) -> None:
        """As ourselves, or as the owner of the folder `owner`."""
        as_owner = [sys.executable, unprivileged.__file__, "wait", str(owner)] if owner else []
        self._process = subprocess.Popen(
            [*as_owner, sys.executable, "-m", "tests.core.lodger", str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
        )

    def url(self) -> str:
        """The URL, when the server is up."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def leave(self) -> str:
        """Let it leave in order; what it said on stderr."""
        return self._process.communicate()[1]

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to it and to its process group, as a terminal does on Ctrl-C."""
        os.killpg(self._process.pid, number)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()


if __name__ == "__main__":
    with private_postgres(Path(sys.argv[1])) as url:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        sys.stdin.read()
