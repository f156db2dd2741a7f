"""SIGTERM, which service managers and containers send, ends a command as Ctrl-C does."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.file_locks import is_free
from core.postgres import private_postgres
from tests import home_of_run


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_whoever_is_terminated_leaves_nothing_running(command: str, unused_tcp_port: int) -> None:
    """The command ends in order, and the private PostgreSQL that it started ends with it."""
    home = Path(os.environ[home_of_run.VARIABLE]) / f"terminated-{command}-{os.getpid()}"
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    with subprocess.Popen(
        [sys.executable, "-c", "from gateway.cli import main; main()", command],
        cwd=Path(__file__).parents[2],
        env=environment | {"AGIO_HOME": str(home), "AGIO_PORT": str(unused_tcp_port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        while not (home / "postgres" / "data" / "postmaster.pid").exists():
            time.sleep(0.001)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate()
    assert process.returncode in {0, 130}, said
    assert "Traceback" not in said
    assert is_free(home / "postgres" / "running")
    with private_postgres(home, durable=False):
        pass
