"""`agio brand adapter`: how points are reached, shown, tried and changed by two persons on the command line."""

import io
import sys
from pathlib import Path

import pytest

from tests.brands.adapter_samples import REST
from tests.gateway.shell import Shell

URL = "https://rail.example/v1"


@pytest.fixture
def rail(agio: Shell, tmp_path: Path) -> Shell:
    (tmp_path / "rail.toml").write_text(REST, "utf-8")
    assert agio("brand", "apply", tmp_path / "rail.toml").code == 0
    return agio


def changed(rail: Shell, tmp_path: Path, old: str = URL, new: str = "https://rail.example/v2") -> Path:
    """What is in force, as it is printed, with one thing changed."""
    shown = rail("brand", "adapter", "show", "RAIL").out
    assert old in shown
    file = tmp_path / "changed.toml"
    file.write_text(shown.replace(old, new), "utf-8")
    return file


def test_two_persons_change_how_points_are_reached(rail: Shell, tmp_path: Path) -> None:
    """Shown, changed, tried, submitted twice as one, refused to the submitter, approved by another, in force."""
    file = changed(rail, tmp_path)
    submit = ("brand", "adapter", "submit", "RAIL", file, "--as", "lin.wei")
    change = [{"path": "url", "before": URL, "after": "https://rail.example/v2"}]
    assert rail(*submit, "--dry-run", "--json").json == change
    assert rail("brand", "adapter", "list").out == "Nothing waits.\n"
    proposal, again = [rail(*submit, "--reason", "a new API", "--json").json for _ in range(2)]
    assert (proposal["number"], proposal["changes"], again) == (1, change, proposal)
    assert f"--digest {proposal['digest']}" in rail(*submit, "--reason", "a new API").out
    assert [row["number"] for row in rail("brand", "adapter", "list", "--program", "RAIL", "--json").json] == [1]
    assert "# Proposal 1 waits" in rail("brand", "adapter", "show", "RAIL").out
    approve = ("brand", "adapter", "approve", 1, "--reason", "agreed", "--digest")
    own = rail(*approve, proposal["digest"], "--as", "Lin.Wei")
    assert (own.code, own.err) == (1, "Whoever submitted it cannot also approve it.\n")
    other = rail(*approve, "0" * 64, "--as", "chen.yu", "--json")
    assert (other.code, other.json["error"]["code"]) == (1, "DigestDiffers")
    for _ in range(2):
        approved = rail(*approve, proposal["digest"], "--as", "chen.yu", "--json").json
        assert (approved["decision"], approved["decided_by"], approved["changes"]) == ("APPROVED", "chen.yu", [])
    shown = rail("brand", "adapter", "show", "RAIL", "--json").json
    assert ("https://rail.example/v2" in shown["configuration"], shown["waiting"]) == (True, None)
    assert [secret["name"] for secret in shown["secrets"]] == ["api-key", "hook"]
    unchanged = rail(*submit, "--json")
    assert (unchanged.code, unchanged.json["error"]["code"]) == (1, "ConfigurationUnchanged")


def test_a_proposal_is_sent_back(rail: Shell, tmp_path: Path) -> None:
    """By anybody, with a reason; it stays known."""
    rail("brand", "adapter", "submit", "RAIL", changed(rail, tmp_path), "--as", "lin.wei")
    reject = ("brand", "adapter", "reject", 1, "--as", "chen.yu", "--reason")
    assert (rail(*reject, " ").code, rail(*reject, "too fast").code) == (1, 0)
    assert rail("brand", "adapter", "list", "--json").json == []
    (row,) = rail("brand", "adapter", "list", "--all", "--json").json
    assert (row["decision"], row["decided_by"], row["decided_reason"]) == ("REJECTED", "chen.yu", "too fast")


def test_every_problem_is_listed_with_its_line(rail: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a file or the standard input; nothing is kept."""
    text = 'kind = "rest"\nurl = "ftp://x"\ncolour = 1\n'
    (tmp_path / "bad.toml").write_text(text, "utf-8")
    for file in (tmp_path / "bad.toml", "-"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        ran = rail("brand", "adapter", "submit", "RAIL", file, "--as", "lin.wei", "--json")
        problems = ran.json["error"]["facts"]["problems"]
        places = {(problem["path"], problem["line"]) for problem in problems}
        assert (ran.code, ran.json["error"]["code"]) == (1, "ConfigRefused")
        assert {("programs.RAIL.adapter.url", 2), ("programs.RAIL.adapter.colour", 3)} <= places
    (tmp_path / "gb.toml").write_bytes("# 积分\n".encode("gb18030"))
    ran = rail("brand", "adapter", "submit", "RAIL", tmp_path / "gb.toml", "--as", "lin.wei", "--dry-run")
    assert (ran.code, "The file is not UTF-8 text." in ran.err) == (1, True)
    assert rail("brand", "adapter", "list", "--all", "--json").json == []


def test_what_is_not_there(rail: Shell, tmp_path: Path) -> None:
    """Each in a sentence, with 1 when it is refused and 2 when it was typed wrong."""
    file = changed(rail, tmp_path)
    for arguments in (
        ("show", "NOWHERE"),
        ("list", "--program", "NOWHERE"),
        ("submit", "NOWHERE", file, "--as", "x.y"),
    ):
        ran = rail("brand", "adapter", *arguments)
        assert (ran.code, ran.err) == (1, "There is no such program.\n")
    decide = ("--as", "chen.yu", "--reason", "seen")
    assert rail("brand", "adapter", "reject", 7, *decide).err == "There is no such proposal.\n"
    assert rail("brand", "adapter", "submit", "RAIL", tmp_path / "none.toml", "--as", "lin.wei").code == 2


@pytest.mark.parametrize(
    "command", [("brand", "adapter", "reject"), ("rate", "reject"), ("settle", "submit"), ("settle", "replay")]
)
@pytest.mark.parametrize("number", ["0", "9" * 20])
def test_a_number_that_nothing_has_was_typed_wrong(rail: Shell, command: tuple[str, ...], number: str) -> None:
    who = () if command[-1] == "replay" else ("--as", "lin.wei")
    reason = ("--reason", "x") if command[-1] == "reject" else ()
    assert rail(*command, number, *who, *reason).code == 2
