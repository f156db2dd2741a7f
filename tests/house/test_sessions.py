"""Sessions of the pool keep nothing between transactions, so that they need no cleaning (`core/database.py`)."""

import re

from tests.house.source import PACKAGES, place, python_files

KEPT_BY_THE_SESSION = re.compile(
    r"pg_(?:try_)?advisory_lock|SET\s+SESSION|set_config\([^)]*false\)|CREATE\s+TEMP(?!.*ON COMMIT DROP)|"
    r"WITH\s+HOLD|\bPREPARE\b|\bLISTEN\b"
    r"|[\"\'](?i:set (?!local|constraints|transaction)\w+ (?:=|to) )"
)


def test_nothing_is_kept_by_a_session() -> None:
    """Locks are the transaction's, settings are local to it, and whoever listens does so on a connection of his own."""
    found = [
        f"{place(path)}: {line.strip()}"
        for path in python_files(*PACKAGES)
        if not place(path).startswith("benchmarks/")  # the forger works on a connection of its own
        for line in path.read_text().splitlines()
        if KEPT_BY_THE_SESSION.search(line)
    ]
    assert found == []
