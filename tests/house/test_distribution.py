"""The distribution: private, with exactly our packages in it."""

import tomllib
from typing import Any

from tests.house.source import PACKAGES, ROOT


def _project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_it_can_never_be_published() -> None:
    """An index that knows this classifier refuses the upload."""
    assert "Private :: Do Not Upload" in _project()["project"]["classifiers"]


def test_it_holds_our_packages_and_no_others() -> None:
    """Each package is named in the build, and folders without code are not taken along."""
    found = _project()["tool"]["setuptools"]["packages"]["find"]
    assert sorted(found["include"]) == [f"{package}*" for package in PACKAGES]
    assert found["namespaces"] is False


def test_the_tools_know_all_packages() -> None:
    """None of them is taken for a stranger's package, and the import law names all but the examples."""
    tool = _project()["tool"]
    assert sorted(tool["deptry"]["known_first_party"]) == sorted([*PACKAGES, "tests"])
    assert sorted(tool["ruff"]["lint"]["isort"]["known-first-party"]) == sorted([*PACKAGES, "tests"])
    assert sorted([*tool["importlinter"]["root_packages"], "examples"]) == PACKAGES
