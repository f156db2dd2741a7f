"""How much memory there is: the machine's, or the container's where that is less."""

import os
from pathlib import Path

import pytest

import core.memory
from core.memory import memory_bytes

MACHINE = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize(
    ("limit", "expected"), [("1048576\n", 1_048_576), ("max\n", MACHINE), (f"{MACHINE * 2}", MACHINE), (None, MACHINE)]
)
def test_the_lesser_of_machine_and_container(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str | None, expected: int
) -> None:
    """A container's limit counts, `max` and what is beyond the machine do not, and there may be none."""
    path = tmp_path / "memory.max"
    if limit is not None:
        path.write_text(limit)
    monkeypatch.setattr(core.memory, "_LIMITS", (path,))
    assert memory_bytes() == expected
