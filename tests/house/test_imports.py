"""Who may know whom."""

import ast
import subprocess
import sys
from pathlib import Path

from tests.house.source import PACKAGES, ROOT, place, python_files


def _imports(path: Path) -> list[tuple[int, int, str]]:
    """Line, level of relativeness and module of every import."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [(node.lineno, 0, alias.name) for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            found.append((node.lineno, node.level, node.module or ""))
    return found


def test_the_import_law_holds() -> None:
    """Every contract in pyproject.toml is kept. In a process of its own: import-linter silences all loggers."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    linted = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout


def test_no_import_is_relative() -> None:
    """A module is called the same everywhere."""
    relative = [
        f"{place(path)}:{line}"
        for path in python_files(*PACKAGES, "tests")
        for line, level, _ in _imports(path)
        if level
    ]
    assert relative == []


def test_models_never_leave_their_package() -> None:
    """Other packages call functions and receive frozen values."""
    foreign = [
        f"{place(path)}:{line} imports {module}"
        for path in python_files(*PACKAGES)
        for line, _, module in _imports(path)
        if module.endswith(".models") and module.partition(".")[0] in PACKAGES
        if module.partition(".")[0] != path.relative_to(ROOT).parts[0]
    ]
    assert foreign == []
