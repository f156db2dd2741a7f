"""Code stays small enough to be read."""

from statistics import median, quantiles

import pytest

from tests.house.source import PACKAGES, functions, length, place, python_files

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
FORBIDDEN_NAMES = {
    "common",
    "data",
    "handle",
    "handler",
    "helper",
    "helpers",
    "manager",
    "misc",
    "process",
    "util",
    "utils",
}


def test_no_file_is_too_long() -> None:
    """No file has more than 400 lines, tests and examples included."""
    counted = {place(path): len(path.read_text().splitlines()) for path in python_files(*PACKAGES, "tests")}
    assert {name: lines for name, lines in counted.items() if lines > FILE_LINES_MAX} == {}


def test_no_function_is_too_long() -> None:
    """No function has more than 70 lines, tests and examples included."""
    counted = {
        f"{place(path)}:{function.lineno} {function.name}": length(function)
        for path in python_files(*PACKAGES, "tests")
        for function in functions(path)
    }
    assert {name: lines for name, lines in counted.items() if lines > FUNCTION_LINES_MAX} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_most_functions_are_short(package: str) -> None:
    """Half of a package's functions have at most 7 lines, nine in ten at most 25, and half of its files at most 120."""
    files = python_files(package)
    lengths = [length(function) for path in files for function in functions(path)]
    assert median(lengths) <= 7
    assert quantiles(lengths, n=10)[-1] <= 25
    assert median(len(path.read_text().splitlines()) for path in files) <= 120


def test_names_say_something() -> None:
    """No file is called after nothing in particular."""
    assert [place(path) for path in python_files(*PACKAGES) if path.stem in FORBIDDEN_NAMES] == []
