"""What must not stand in any file of the project."""

import re

import pytest

from tests.house.source import ROOT, place, tracked_files

# In two halves, so that this file does not contain them.
REGISTRIES = ["pypi" + ".org", "python" + "hosted.org", "registry." + "npmjs", "deb." + "debian.org", "npm" + "mirror"]
MACHINE_PATHS = ["/wo" + "rk/", "/ro" + "ot/", "/home/[a-z]+/[a-z]", "/Us" + "ers/", "C:" + r"\\"]
BINARY = {".png", ".pdf", ".xlsx", ".ttf", ".otf", ".woff2", ".ico", ".gz", ".zip"}


def _lines_with(patterns: list[str]) -> list[str]:
    pattern = re.compile("|".join(patterns).encode())
    return [
        f"{place(path)}: {line.decode(errors='replace').strip()[:100]}"
        for path in tracked_files()
        if path.suffix not in BINARY
        for line in path.read_bytes().splitlines()
        if pattern.search(line)
    ]


def test_no_registry_is_named() -> None:
    """Where packages come from is each machine's own business."""
    assert _lines_with([re.escape(host) for host in REGISTRIES]) == []


def test_no_path_of_a_machine() -> None:
    """Nothing depends on, or tells of, the folders of the machine it was written on."""
    assert _lines_with(MACHINE_PATHS) == []


@pytest.mark.parametrize("lock", ["constraints.txt", "refused.txt"])
def test_no_address_in_a_lock(lock: str) -> None:
    """Pins are names, versions and hashes."""
    assert "://" not in (ROOT / lock).read_text()
