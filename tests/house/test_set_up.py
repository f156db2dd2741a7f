"""`make` sets up what is missing, once, and says what is wrong when it cannot.

On a checkout in miniature: our Makefile and set_up.py, a distribution without dependencies, and no network.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests import home_of_run
from tests.house.source import ROOT

BACKEND = """
from zipfile import ZipFile

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "tiny-1-py3-none-any.whl"
    with ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr("tiny.py", "def main():\\n    print('tiny works')\\n")
        wheel.writestr("tiny-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1\\n")
        wheel.writestr("tiny-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("tiny-1.dist-info/entry_points.txt", "[console_scripts]\\ntiny = tiny:main\\n")
        wheel.writestr("tiny-1.dist-info/RECORD", "")
    return name
"""
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""


@pytest.fixture
def checkout() -> Path:
    """A checkout in which nothing has been set up; in memory, because environments are thousands of files."""
    folder = Path(tempfile.mkdtemp(dir=os.environ[home_of_run.VARIABLE])) / "a checkout"
    folder.mkdir()
    for name in ("Makefile", "set_up.py", "refused.txt"):
        shutil.copy(ROOT / name, folder)
    (folder / "constraints.txt").touch()
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "backend.py").write_text(BACKEND)
    return folder


def start(checkout: Path, *arguments: str) -> subprocess.Popen[str]:
    """`make set-up` with no index to reach."""
    environment = os.environ | {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "MAKEFLAGS": ""}
    return subprocess.Popen(
        ["make", "set-up", *arguments], cwd=checkout, env=environment, stderr=subprocess.PIPE, text=True
    )


def set_up(checkout: Path, *arguments: str) -> tuple[int, str]:
    """The exit code, and what was said on stderr."""
    making = start(checkout, *arguments)
    said = making.communicate()[1]
    return making.returncode, said


def tiny(checkout: Path) -> str:
    """What the installed program says."""
    return subprocess.run([checkout / ".venv" / "bin" / "tiny"], check=True, capture_output=True, text=True).stdout


def test_it_is_done_once(checkout: Path) -> None:
    """The first time sets up, the second finds nothing to do, and in a checkout that was moved it begins anew."""
    code, said = set_up(checkout)
    assert (code, said.splitlines()[0][:20], tiny(checkout)) == (0, "Setting up .venv, wh", "tiny works\n")
    assert set_up(checkout) == (0, "")
    moved = checkout.rename(checkout.with_name("moved"))
    assert "Setting up" in set_up(moved)[1]
    assert (set_up(moved), tiny(moved)) == ((0, ""), "tiny works\n")


def test_an_interrupted_set_up_is_begun_again(checkout: Path) -> None:
    """Whatever lies in `.venv` when it was not finished does not count, not even a broken interpreter."""
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to("/nowhere/python3")
    (checkout / ".venv" / "left").touch()
    assert set_up(checkout)[0] == 0
    assert tiny(checkout) == "tiny works\n"
    assert not (checkout / ".venv" / "left").exists()


def test_two_at_once_do_it_once(checkout: Path) -> None:
    """The second waits for the first and finds everything done."""
    makes = [start(checkout), start(checkout)]
    said = [make.communicate()[1] for make in makes]
    assert [make.returncode for make in makes] == [0, 0]
    assert sum("Setting up" in one for one in said) == 1
    assert tiny(checkout) == "tiny works\n"


def test_what_was_tampered_with_is_not_installed(checkout: Path) -> None:
    """A file whose hash is not the pinned one stops everything; it is said, and the next `make` begins again."""
    (checkout / "wheels").mkdir()
    build = "import backend; backend.build_editable('wheels')"
    subprocess.run([sys.executable, "-c", build], cwd=checkout, check=True)
    (checkout / "constraints.txt").write_text(f"--find-links wheels\ntiny==1 --hash=sha256:{'0' * 64}\n")
    code, said = set_up(checkout)
    assert code != 0
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in said
    assert "Setting up failed; the lines above say why. The next `make` starts over." in said
    (checkout / "constraints.txt").write_text("")
    assert set_up(checkout)[0] == 0
    assert tiny(checkout) == "tiny works\n"


def test_without_a_python_it_says_what_is_needed(checkout: Path) -> None:
    """A machine without a fitting Python is told which one, and nothing is left behind."""
    code, said = set_up(checkout, "PYTHONS=no-such-python false")
    assert code != 0
    assert "Agio needs Python 3.11 or newer with its venv module" in said
    assert not (checkout / ".venv").exists()
