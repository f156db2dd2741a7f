"""What a program that calls `agio` can rely on: with `--json` a refusal is JSON, of one shape, and ends with 1."""

from pathlib import Path

import pytest

from tests.gateway.shell import Ran, Shell


def error(ran: Ran) -> tuple[str, str]:
    """Code and message, where nothing else was said."""
    assert (ran.code, ran.err.strip()) == (1, "")
    assert set(ran.json) == {"error"}
    assert set(ran.json["error"]) == {"code", "message", "facts"}
    return ran.json["error"]["code"], ran.json["error"]["message"]


@pytest.fixture
def applied(agio: Shell, network_files: list[Path]) -> Shell:
    """The small network, in force."""
    assert agio("brand", "apply", *network_files).code == 0
    return agio


def test_a_refusal_is_json_with_its_facts(agio: Shell, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("[nothing]\n")
    ran = agio("brand", "apply", bad, "--json")
    code, message = error(ran)
    assert code == "ConfigRefused"
    assert message in agio("brand", "apply", bad).err
    assert {"path", "message"} <= set(ran.json["error"]["facts"]["problems"][0])


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("settle", "show", 99), "WindowNotFound"),
        (("settle", "close", 99, "--as", "maker"), "WindowNotFound"),
        (("members", "import", "nobody", "pyproject.toml"), "UnknownBrand"),
        (("awards", "import", "NOTHING", "pyproject.toml", "--brand", "coffee"), "UnknownProgram"),
        (("rate", "history", "NOTHING"), "NoSuchProgram"),
        (("exchange", "show", "01920000-0000-7000-8000-000000000001"), "UnknownExchange"),
        (("webhooks", "rotate", "01920000-0000-7000-8000-000000000001"), "UnknownEndpoint"),
        (("breaks", "show", "01920000-0000-7000-8000-000000000001"), "BreakNotFound"),
    ],
    ids=str,
)
def test_what_is_not_there_is_refused_by_every_group(applied: Shell, command: tuple[object, ...], code: str) -> None:
    assert error(applied(*command, "--json"))[0] == code


def test_where_there_are_no_books_that_is_json_too(agio: Shell) -> None:
    told = "There are no books in the database of DATABASE_URL: `agio brand apply` opens them."
    assert error(agio("settle", "list", "--json")) == ("NoBooks", told)


def test_an_environment_that_makes_no_sense_ends_with_2_in_json(agio: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://nobody")
    ran = agio("settle", "list", "--json")
    assert (ran.code, ran.err, ran.json["error"]["code"]) == (2, "", "ConfigurationError")


def test_wrong_usage_is_a_sentence_on_the_error_stream(agio: Shell) -> None:
    ran = agio("settle", "close", "one", "--json")
    assert (ran.code, ran.out) == (2, "")
    assert "Usage" in ran.err


def test_without_json_it_is_a_sentence_on_the_error_stream(applied: Shell) -> None:
    ran = applied("settle", "show", 99)
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
