"""The project's own files, as the house tests look at them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))
"""The packages that are shipped."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tracked_files() -> list[Path]:
    """What is, or would be, committed."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def python_files(*folders: str) -> list[Path]:
    """The Python files in these folders of the project."""
    return [path for path in tracked_files() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders]


def functions(path: Path) -> Iterator[Function]:
    """Every function of a file, inner ones as well."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, Function):
            yield node


def length(function: Function) -> int:
    """Lines from `def` to the end, without the docstring."""
    assert function.end_lineno is not None
    docstring = function.body[0] if ast.get_docstring(function) else None
    spoken = docstring.end_lineno - docstring.lineno + 1 if docstring and docstring.end_lineno else 0
    return function.end_lineno - function.lineno + 1 - spoken


def place(path: Path) -> str:
    """The path as a reader of the project knows it."""
    return str(path.relative_to(ROOT))
