"""The command line: help with an example, exit codes, JSON."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from core.clock import SystemClock
from core.ids import new_id
from core.scratch import connect_as_owner, create_database, drop_database, url_of
from gateway.cli import COMMANDS, command_line
from gateway.oauth.access import AccessTokens
from gateway.oauth.keys import SigningKeys
from schema.scopes import ROLE_SCOPES, Role
from tests.gateway.shell import Shell
from tests.network import HOTEL


def commands(command: Any, path: tuple[str, ...] = ("agio",)) -> Iterator[tuple[str, Any]]:
    yield " ".join(path), command
    if isinstance(command, TyperGroup):
        for name, found in command.commands.items():
            yield from commands(found, (*path, name))


@pytest.mark.parametrize(("path", "command"), list(commands(typer.main.get_command(command_line(())))), ids=str)
def test_every_command_says_what_it_does_with_an_example(path: str, command: Any) -> None:
    assert command.help
    assert command.epilog is not None
    assert path in command.epilog
    assert "Example:" in command.epilog


@pytest.mark.parametrize(
    "arguments", [(), ("nothing",), ("brand",), ("brand", "apply"), ("settle", "close", "one"), ("audit", "--no-such")]
)
def test_wrong_usage_ends_with_2(agio: Shell, arguments: tuple[str, ...]) -> None:
    assert agio(*arguments).code == 2


def test_an_environment_that_makes_no_sense_ends_with_2(agio: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://nobody")
    ran = agio("audit")
    assert (ran.code, ran.out) == (2, "")
    assert "DATABASE_URL" in ran.err


def test_a_database_that_does_not_answer_ends_with_1(
    agio: Shell, network_files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://agio@127.0.0.1:9/agio")
    for command in (("audit",), ("migrate",), ("serve",), ("settle", "list"), ("brand", "apply", *network_files)):
        ran = agio(*command)
        assert (ran.code, ran.out) == (1, "")
        assert re.fullmatch(r"The database of DATABASE_URL cannot be used: .+\n", ran.err)


def test_a_database_that_does_not_exist_or_let_us_in_ends_with_1(
    agio: Shell, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for url in (url_of(database_url, "nowhere"), database_url.replace("//agio:", "//agio:not-")):
        monkeypatch.setenv("DATABASE_URL", url)
        for command in ("audit", "migrate"):
            ran = agio(command)
            assert (ran.code, ran.out) == (1, "")
            assert re.fullmatch(r"The database of DATABASE_URL cannot be used: .+\n", ran.err)


def test_a_home_that_is_a_file_ends_with_2(agio: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL")
    agio.home.touch()
    for command in (("audit",), ("migrate",), ("token", "rotate-keys")):
        ran = agio(*command)
        assert (ran.code, ran.out, ran.err) == (2, "", f"AGIO_HOME must be a folder, but {agio.home} is a file\n")


READING = (("audit",), ("settle", "list"), ("settle", "show", 1))


@pytest.mark.parametrize("command", READING, ids=str)
def test_a_home_without_books_is_refused_and_stays_as_it_was(
    agio: Shell, monkeypatch: pytest.MonkeyPatch, command: tuple[object, ...]
) -> None:
    monkeypatch.delenv("DATABASE_URL")
    ran = agio(*command)
    told = f"There are no books in {agio.home} (AGIO_HOME): `agio brand apply` opens them.\n"
    assert (ran.code, ran.out, ran.err) == (1, "", told)
    assert not agio.home.exists()


@pytest.mark.parametrize("command", READING, ids=str)
async def test_a_database_without_books_is_refused_and_stays_as_it_was(
    agio: Shell, server_url: str, monkeypatch: pytest.MonkeyPatch, command: tuple[object, ...]
) -> None:
    """Migrated or not: nobody's books are no whole books."""
    name = f"bare_{new_id().hex}"
    bare = await create_database(server_url, name)
    told = "There are no books in the database of DATABASE_URL: `agio brand apply` opens them.\n"
    ran = await asyncio.to_thread(agio, *command)
    assert (ran.code, ran.out, ran.err) == (1, "", told)
    monkeypatch.setenv("DATABASE_URL", bare)
    ran = await asyncio.to_thread(agio, *command)
    assert (ran.code, ran.out, ran.err) == (1, "", told)
    connection = await connect_as_owner(bare)
    tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()
    await drop_database(server_url, name)
    assert tables == 0


def test_migrations_are_applied_once(agio: Shell) -> None:
    assert agio("migrate", "--json").json == []
    assert "Everything was applied before." in agio("migrate").out


def test_network_files_are_put_into_force_and_secrets_shown_once(agio: Shell, network_files: list[Path]) -> None:
    first = agio("brand", "apply", *network_files, "--json")
    assert first.code == 0
    assert {made["client_id"] for made in first.json["secrets"]} == {"hotel-crm", "airline-door", "coffee-till"}
    assert "brands.hotel" in {change["path"] for change in first.json["changes"]}
    second = agio("brand", "apply", *network_files)
    assert (second.code, second.out.strip()) == (0, "Everything was so already; nothing was changed.")


def test_a_secret_can_be_given_by_the_environment(
    agio: Shell, network_files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGIO_SECRET_COFFEE_TILL", "a secret of thirty-two characters.")
    applied = agio("brand", "apply", *network_files, "--json").json
    assert {made["client_id"] for made in applied["secrets"]} == {"hotel-crm", "airline-door"}


def test_a_bad_network_file_is_refused_with_every_problem(agio: Shell, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(
        HOTEL.replace('sell = "0.0500"', 'sell = "0.0700"').replace("[brands.hotel]", "[brands.hotel]\nmore = 1")
    )
    ran = agio("brand", "apply", bad)
    assert (ran.code, ran.out) == (1, "")
    assert "bad.toml" in ran.err
    assert "more" in ran.err


@pytest.mark.parametrize("arguments", [("nowhere", "x.csv"), ("hotel", "/no/such/file.csv")])
def test_an_import_that_cannot_be_ends_with_1(
    agio: Shell, network_files: list[Path], arguments: tuple[str, str]
) -> None:
    agio("brand", "apply", *network_files)
    ran = agio("members", "import", *arguments)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.strip()


def test_books_that_are_whole_end_with_0(agio: Shell, network_files: list[Path]) -> None:
    agio("brand", "apply", *network_files)
    assert agio("audit").code == 0
    found = agio("audit", "--json")
    assert (found.code, found.json["whole"], found.json["findings"]) == (0, True, [])


def test_a_window_is_settled_from_the_command_line(agio: Shell, network_files: list[Path], tmp_path: Path) -> None:
    agio("brand", "apply", *network_files)
    (window,) = agio("settle", "list", "--json").json
    assert (window["number"], window["status"]) == (1, "OPEN")
    for step, status in (("close", "CLOSED"), ("reconcile", "RECONCILED"), ("net", "NETTED"), ("submit", "SUBMITTED")):
        ran = agio("settle", step, 1, "--as", "lin.wei", "--json")
        assert (ran.code, ran.json[0]["status"]) == (0, status)
    digest = agio("settle", "show", 1, "--json").json["digest"]
    wanted = ("settle", "approve", 1, "--digest", digest, "--reason", "checked")
    same = agio(*wanted, "--as", "Lin.Wei")
    assert (same.code, same.out) == (1, "")
    assert agio(*wanted, "--as", "chen.yu").code == 0
    advised = agio("settle", "advise", 1, "--as", "chen.yu", "--folder", tmp_path / "out", "--json")
    assert {Path(file["file"]).name for file in advised.json} >= {"hotel.csv", "hotel.json"}
    assert "Window 1 is ADVISED" in agio("settle", "show", 1).out


def test_an_unknown_window_ends_with_1(agio: Shell, network_files: list[Path]) -> None:
    agio("brand", "apply", *network_files)
    for arguments in (("show", 99), ("close", 99, "--as", "x"), ("advise", 99, "--as", "x")):
        ran = agio("settle", *arguments)
        assert (ran.code, ran.err.strip()) == (1, "There is no such window.")


def test_a_token_for_staff(agio: Shell) -> None:
    ran = agio("token", "staff", "lin.wei", "--role", "maker", "--role", "auditor")
    tokens = AccessTokens(SigningKeys(agio.home / "keys"), SystemClock(), "http://127.0.0.1:8800")
    viewer = tokens.verify(ran.out.strip())
    assert (viewer.staff_name, viewer.scopes) == ("lin.wei", ROLE_SCOPES[Role.MAKER] | ROLE_SCOPES[Role.AUDITOR])


def test_a_token_as_json(agio: Shell) -> None:
    made = agio("token", "staff", "lin.wei", "--role", "maker", "--minutes", 5, "--json").json
    tokens = AccessTokens(SigningKeys(agio.home / "keys"), SystemClock(), "http://127.0.0.1:8800")
    assert tokens.verify(made.pop("token")).staff_name == "lin.wei"
    assert made == {"name": "lin.wei", "scopes": sorted(ROLE_SCOPES[Role.MAKER]), "lifetime_seconds": 300}


def test_help_says_where_a_token_is_good(agio: Shell) -> None:
    told = agio("token", "staff", "--help").out
    assert "AGIO_PUBLIC_URL" in told
    assert "AGIO_PORT" in told


def test_a_token_needs_a_role(agio: Shell) -> None:
    assert agio("token", "staff", "lin.wei").code == 2
    assert agio("token", "staff", "lin.wei", "--role", "king").code == 2


def test_keys_are_rotated(agio: Shell) -> None:
    made = [agio("token", "rotate-keys").out.strip() for _ in range(2)]
    assert SigningKeys(agio.home / "keys").signing().kid == made[1]
    third = agio("token", "rotate-keys", "--json").json
    assert third == {"kid": SigningKeys(agio.home / "keys").signing().kid}


def test_the_schema_is_printed_as_it_is_committed(agio: Shell) -> None:
    folder = Path(__file__).parents[2] / "schema"
    assert agio("schema").out == (folder / "schema.graphql").read_text()
    assert agio("schema", "--subgraph").out == (folder / "subgraph.graphql").read_text()


def test_a_worker_runs_every_job_once(agio: Shell) -> None:
    ran = agio("worker", "--once", "--json")
    assert (ran.code, {job["done"] for job in ran.json}) == (0, {0})


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_comes_without_the_others(name: str) -> None:
    """Asked for by its name, it is there; asked for nothing, all are."""
    alone, together = (typer.main.get_command(command_line(asked)) for asked in ((name,), ()))
    assert isinstance(alone, TyperGroup)
    assert isinstance(together, TyperGroup)
    assert set(alone.commands) == {other for other, module in COMMANDS.items() if module == COMMANDS[name]}
    assert set(together.commands) == set(COMMANDS)
