"""What we depend on: each with a reason, each pinned, and nothing that takes a folder's name."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.house.source import PACKAGES, ROOT

_PIN = re.compile(
    r"^([A-Za-z0-9._-]+)==(\S+)((?: ; [^\\\n]+)?) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE
)


def _pins() -> dict[str, str]:
    return {name: version for name, version, _, _ in _PIN.findall((ROOT / "constraints.txt").read_text())}


def _refused() -> list[str]:
    lines = (ROOT / "refused.txt").read_text().splitlines()
    return [line.removesuffix("<0") for line in lines if line and not line.startswith("#")]


def _direct() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    return [re.split(r"[ ;<>=\[]", one)[0] for one in wanted]


def test_every_dependency_has_a_reason() -> None:
    """Each line in pyproject.toml says what the package is for, and so does the page for people."""
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    page = (ROOT / "docs" / "dependencies.md").read_text()
    for name in _direct():
        assert [line for line in lines if re.search(rf'^  "{name}[^"]*",\s+# \S', line)], f"{name} has no reason"
    python = page.partition("## The router")[0]
    assert sorted(re.findall(r"^\| ([a-z0-9-]+) \|(?! for \|)", python, re.MULTILINE)) == sorted(_direct())


def test_everything_is_pinned_with_hashes() -> None:
    """Each line of constraints.txt is a name, a version and hashes, and every direct dependency is among them."""
    text = (ROOT / "constraints.txt").read_text()
    left = [line for line in _PIN.sub("", text).splitlines() if line and not line.lstrip().startswith("#")]
    assert left == []
    assert [name for name in _direct() if name not in _pins()] == []


def test_no_stranger_has_a_folders_name() -> None:
    """Each of our folders' names is refused, and none of them is pinned."""
    assert _refused() == sorted([*PACKAGES, "tests"])
    assert set(_refused()) & set(_pins()) == set()


@pytest.mark.parametrize("name", ["schema", "ledger", "adapters"])
def test_a_refusal_is_obeyed(tmp_path: Path, name: str) -> None:
    """A stranger's package that pip would install, it does not install under our constraints."""
    _write_wheel(tmp_path, name)
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", f"--find-links={tmp_path}", name]
    alone = subprocess.run(command, check=False, capture_output=True, text=True)
    refused = subprocess.run([*command, "-c", ROOT / "refused.txt"], check=False, capture_output=True, text=True)
    assert (alone.returncode, refused.returncode) == (0, 1)
    assert f"The user requested (constraint) {name}<0" in refused.stdout


def _write_wheel(folder: Path, name: str) -> None:
    info = f"{name}-9.9.dist-info"
    with ZipFile(folder / f"{name}-9.9-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", "")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 9.9\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: us\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
