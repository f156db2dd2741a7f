"""`agio brand secret`: kept encrypted, named and never shown."""

import io
import sys
from pathlib import Path

import pytest

from adapters.brand_systems.registry import open_brand_systems
from brands import Applied, apply, directory
from brands.secret_store import SecretStore, SecretUnreadable
from core.database import Connection, Database
from core.secrets import root_secret
from tests.brands.adapter_samples import REST
from tests.brands.samples import read
from tests.gateway.shell import Shell


@pytest.fixture
def rail(agio: Shell, tmp_path: Path) -> Shell:
    (tmp_path / "rail.toml").write_text(REST, "utf-8")
    assert agio("brand", "apply", tmp_path / "rail.toml").code == 0
    return agio


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_a_secret_is_kept_and_listed(rail: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing, then kept, then of the environment, then kept again, then forgotten."""

    def places() -> list[str]:
        return [row["from"] for row in rail("brand", "secret", "list", "--json").json]

    assert places() == ["missing", "missing"]
    typed(monkeypatch, "s3cret-key\n")
    assert rail("brand", "secret", "set", "RAIL", "api-key").code == 0
    assert places() == ["store", "missing"]
    monkeypatch.setenv("AGIO_BRAND_RAIL_API_KEY", "another")
    assert places() == ["environment", "missing"]
    assert "s3cret-key" not in rail("brand", "secret", "list").out
    assert rail("brand", "secret", "remove", "RAIL", "api-key").code == 0
    again = rail("brand", "secret", "remove", "RAIL", "api-key")
    assert (again.code, again.err) == (1, "No secret api-key of RAIL is kept.\n")


@pytest.mark.parametrize(
    ("program", "name", "value", "reason"),
    [
        ("NOWHERE", "api-key", "x", "There is no such program."),
        ("RAIL", "other", "x", "Neither the program's configuration nor what is proposed for it names such a secret."),
        ("RAIL", "api-key", "", "A secret is one line of 1 to 4096 printable characters."),
        ("RAIL", "api-key", "two\nlines", "A secret is one line of 1 to 4096 printable characters."),
        ("RAIL", "api-key", "x" * 4_097, "A secret is one line of 1 to 4096 printable characters."),
    ],
)
def test_what_is_not_kept(
    rail: Shell, monkeypatch: pytest.MonkeyPatch, program: str, name: str, value: str, reason: str
) -> None:
    """Each with its reason."""
    typed(monkeypatch, value)
    ran = rail("brand", "secret", "set", program, name)
    assert (ran.code, ran.err.strip()) == (1, reason)


async def test_at_rest_and_in_use(database: Database, superuser: Connection, tmp_path: Path) -> None:
    """The table shows nothing; a secret moved to another name, or read with another root, cannot be read."""
    assert isinstance(await apply(database, read(REST)), Applied)
    async with database.transaction() as connection:
        program = (await directory(connection)).program("RAIL")
        assert program is not None
        await SecretStore.from_root(root_secret(tmp_path)).write(connection, program.id, "api-key", "s3cret-key")
    assert b"s3cret-key" not in await superuser.fetchval("SELECT sealed FROM brands_secret")
    async with open_brand_systems(database, tmp_path, {}) as systems:
        assert await systems.secrets.value(program, "api-key") == "s3cret-key"
        assert await systems.secrets.value(program, "hook") is None
    async with open_brand_systems(database, tmp_path / "other", {}) as systems:
        with pytest.raises(SecretUnreadable):
            await systems.secrets.value(program, "api-key")
    await superuser.execute("UPDATE brands_secret SET name = 'hook'")
    async with open_brand_systems(database, tmp_path, {}) as systems:
        with pytest.raises(SecretUnreadable):
            await systems.secrets.value(program, "hook")
