"""Fill `.venv` with exactly what `constraints.txt` pins, and nothing else. `make` runs this first, every time.

Standard library only: it runs before anything is installed. When nothing changed it does nothing. It starts over
when a pin, `pyproject.toml` or the place of the checkout changed, and when it was interrupted.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
DONE = VENV / "set_up"
SOURCES = ("constraints.txt", "pyproject.toml", "refused.txt", "set_up.py")


def main() -> int:
    """Set up what is missing; the exit code for `make`."""
    with _alone():
        wanted = _fingerprint()
        if DONE.is_file() and DONE.read_text() == wanted:
            return 0
        try:
            _install()
        except subprocess.CalledProcessError as failed:
            _say(f"{failed.stdout}\nSetting up failed; the lines above say why. The next `make` starts over.")
            return 1
        DONE.write_text(wanted)
    return 0


def _install() -> None:
    # Where this runs in the environment that it replaces, the interpreter below it does the work.
    python = getattr(sys, "_base_executable", None) or sys.executable
    pip = (VENV / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "--no-input", "install")
    _say("Setting up .venv, which happens once and takes a few minutes")
    shutil.rmtree(VENV, ignore_errors=True)
    _run(python, "-m", "venv", VENV)
    _say("  installing the pinned packages")
    _run(*pip, "--require-hashes", "--requirement", ROOT / "constraints.txt", "--constraint", ROOT / "refused.txt")
    _say("  installing agio itself")
    _run(*pip, "--no-deps", "--no-build-isolation", "--editable", ROOT)


def _run(*command: str | Path) -> None:
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _fingerprint() -> str:
    """What the environment is made from: the files, and the folder, whose path stands in the installed scripts."""
    digest = hashlib.sha256(os.fsencode(ROOT))
    for name in SOURCES:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


@contextmanager
def _alone() -> Iterator[None]:
    """One set-up of this checkout at a time."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        if not _try_lock(folder):
            _say("Waiting for another set-up of this checkout")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        code = main()
    except KeyboardInterrupt:
        _say("\nInterrupted. The next `make` starts over.")
        code = 130
    sys.exit(code)
