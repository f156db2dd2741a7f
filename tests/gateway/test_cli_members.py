"""`agio members import`: what it says, and with what it ends."""

from pathlib import Path

import pytest

from tests.gateway.shell import Shell
from tests.members.test_importing import ANN, BO, HEADERS, MEMBER_FILE
from tests.network import AIRLINE


@pytest.fixture
def delivering(agio: Shell, tmp_path: Path) -> Path:
    """Where the airline's file is to lie; the airline is configured."""
    network = tmp_path / "airline.toml"
    network.write_text(AIRLINE + MEMBER_FILE)
    assert agio("brand", "apply", network).code == 0
    return tmp_path / "members.csv"


def test_points_are_written_in_groups(agio: Shell, delivering: Path) -> None:
    delivering.write_text(f"{HEADERS}\n{ANN}\n{BO}")
    ran = agio("members", "import", "airline", delivering)
    assert ran.code == 0
    assert "2 rows; 2 imported with 1,200 points" in ran.out


def test_a_balance_that_differs_ends_with_1(agio: Shell, delivering: Path) -> None:
    """Something was found that a person has to look at, today and when the same file comes again."""
    delivering.write_text(f"{HEADERS}\n{ANN}\n{BO}")
    assert agio("members", "import", "airline", delivering).code == 0
    delivering.write_text("\n".join((HEADERS, ANN.replace("1200", "1300"), BO)))
    for _ in range(2):
        ran = agio("members", "import", "airline", delivering)
        assert ran.code == 1
        assert "Balances that differ" in ran.out
    assert len(agio("members", "import", "airline", delivering, "--json").json["differing"]) == 1


def test_a_file_with_headers_only_says_so(agio: Shell, delivering: Path) -> None:
    delivering.write_text(HEADERS + "\n")
    ran = agio("members", "import", "airline", delivering)
    assert (ran.code, ran.out.strip()) == (0, "MILES: the file has headers and no rows; nothing was imported.")
