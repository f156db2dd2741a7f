"""Signing keys: made once, shared by processes, rotated while they run."""

import multiprocessing
from pathlib import Path

from gateway.oauth.keys import KEYS_KEPT, SigningKeys


def test_the_first_process_makes_a_key_that_only_its_owner_can_read(tmp_path: Path) -> None:
    keys = SigningKeys(tmp_path / "keys")
    (path,) = (tmp_path / "keys").glob("*.pem")
    assert path.stem == keys.signing().kid
    assert path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        kids = pool.map(_kid, [tmp_path / "keys"] * 4)
    assert len(set(kids)) == 1


def _kid(folder: Path) -> str | None:
    return SigningKeys(folder).signing().kid


def test_a_rotation_reaches_those_who_are_running(tmp_path: Path) -> None:
    running, rotating = SigningKeys(tmp_path / "keys"), SigningKeys(tmp_path / "keys")
    old = running.signing().kid
    new = rotating.rotate()
    assert running.signing().kid == new != old
    assert old is not None
    assert running.verifying(old) is not None


def test_only_the_last_keys_are_kept(tmp_path: Path) -> None:
    keys = SigningKeys(tmp_path / "keys")
    first = keys.signing().kid
    made = [keys.rotate() for _ in range(KEYS_KEPT)]
    assert first is not None
    assert SigningKeys(tmp_path / "keys").verifying(first) is None
    assert [key["kid"] for key in keys.public()["keys"]] == made[::-1]


def test_only_the_public_half_is_published(tmp_path: Path) -> None:
    (published,) = SigningKeys(tmp_path / "keys").public()["keys"]
    assert set(published) == {"kty", "n", "e", "kid", "use", "alg"}
    assert (published["kty"], published["use"], published["alg"]) == ("RSA", "sig", "RS256")
