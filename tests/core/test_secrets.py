"""One root secret per home; other keys follow from it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from core.secrets import derive_key, root_secret


def test_a_home_keeps_its_secret(tmp_path: Path) -> None:
    """It is made once, 32 bytes long, for its owner's eyes only, and another home has another one."""
    home = tmp_path / "new" / "home"
    first = root_secret(home)
    assert (len(first), root_secret(home)) == (32, first)
    assert (home / "root.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in home.iterdir()] == ["root.key"]
    assert root_secret(tmp_path / "other") != first


def test_those_who_start_together_agree(tmp_path: Path) -> None:
    """Many first uses at one moment end with one secret."""
    start = threading.Barrier(8)

    def ask() -> bytes:
        start.wait()
        return root_secret(tmp_path)

    with ThreadPoolExecutor(8) as pool:
        seen = {future.result() for future in [pool.submit(ask) for _ in range(8)]}
    assert seen == {root_secret(tmp_path)}
    assert [path.name for path in tmp_path.iterdir()] == ["root.key"]


def test_keys_are_told_apart_by_name_and_root() -> None:
    """The same root and name give the same 32 bytes for ever; another root or name gives others."""
    key = derive_key(b"r" * 32, "members")
    assert key.hex() == "99b0c67f087dac97740fa53c769bd88ef12df63ee22a23e1bfd2d5c6c813e72b"
    assert len({key, derive_key(b"r" * 32, "tokens"), derive_key(b"s" * 32, "members")}) == 3
