"""`agio rate`: prices on the command line, by two persons."""

from pathlib import Path

import pytest

from tests.gateway.shell import Shell

NEW = ("rate", "submit", "HOTEL", "--sell", "0.0505", "--buy", "0.06", "--fee-bp", "100", "--tier", "gold=50,0.30")


@pytest.fixture
def books(agio: Shell, network_files: list[Path]) -> Shell:
    """A shell on books with the small network."""
    assert agio("brand", "apply", *network_files).code == 0
    return agio


def test_a_price_from_submission_to_history(books: Shell) -> None:
    """Whoever submits cannot approve; what is approved is in force, and what was before stays known."""
    (proposal,) = books(*NEW, "--as", "lin.wei", "--json").json
    decide = ("rate", "approve", proposal["number"], "--digest", proposal["digest"], "--reason", "agreed")
    refused = books(*decide, "--as", "Lin.Wei")
    assert (refused.code, refused.err) == (1, "Whoever submitted it cannot also approve it.\n")
    assert [found["number"] for found in books("rate", "list", "--json").json["proposals"]] == [proposal["number"]]
    (approved,) = books(*decide, "--as", "chen.yu", "--json").json
    assert (approved["decision"], approved["decided_by"]) == ("APPROVED", "chen.yu")
    history = books("rate", "history", "HOTEL", "--json").json
    assert [(found["version"], found["sell"], found["fees"]) for found in history] == [
        (2, "0.050500", "all 100 bp, gold 50 bp + 0.3"),
        (1, "0.050000", "all 100 bp"),
    ]
    assert books("rate", "history", "HOTEL", "--at", "2001-01-01", "--json").json == []
    listed = books("rate", "list")
    assert "HOTEL" in listed.out


def test_a_pair_its_pause_and_its_end(books: Shell) -> None:
    """A special price comes and goes by two persons each; stopping takes one."""
    pair = ("HOTEL", "--to", "MILES")
    assert books("rate", "pause", *pair, "--reason", "a doubt", "--as", "lin.wei").code == 0
    (paused,) = books("rate", "list", "--json").json["pauses"]
    steps = (
        ("rate", "resume", paused["pause"], "--reason", "cleared"),
        ("rate", "submit", *pair, "--sell", "0.051", "--buy", "0.075", "--fee-bp", "0"),
        ("rate", "end", *pair),
    )
    for step in steps:
        (proposal,) = books(*step, "--as", "lin.wei", "--json").json
        decide = ("rate", "approve", proposal["number"], "--digest", proposal["digest"], "--reason", "agreed")
        assert books(*decide, "--as", "chen.yu").code == 0
    listed = books("rate", "list", "--json").json
    assert (listed["pauses"], [found["to"] for found in listed["rates"]]) == ([], [None] * len(listed["rates"]))


def test_what_is_typed_wrong(books: Shell) -> None:
    """2 for what cannot be read, 1 for what is refused."""
    assert books(*NEW[:4], "x", *NEW[5:], "--as", "lin.wei").code == 2
    assert books(*NEW[:-1], "gold", "--as", "lin.wei").code == 2
    assert books("rate", "history", "HOTEL", "--at", "noon").code == 2
    assert books("rate", "history", "NOPE").code == 1
    assert books("rate", "reject", 9, "--reason", "no", "--as", "chen.yu").code == 1


def test_a_changed_file_names_who_submits(books: Shell, network_files: list[Path], tmp_path: Path) -> None:
    """Without a name it is refused; with one the rate waits for a second person."""
    for file in network_files:
        (tmp_path / file.name).write_text(file.read_text().replace('sell = "0.0500"', 'sell = "0.0505"'))
    files = [tmp_path / file.name for file in network_files]
    assert "takes two persons" in books("brand", "apply", *files).err
    (proposal,) = books("brand", "apply", *files, "--as", "lin.wei", "--json").json["proposals"]
    decide = ("rate", "approve", proposal["number"], "--digest", proposal["digest"], "--reason", "agreed")
    assert books(*decide, "--as", "chen.yu").code == 0


def test_caps(books: Shell) -> None:
    """Every participant, with what is left; nothing runs out where nothing is used."""
    found = books("caps", "--json").json
    (hotel,) = [row for row in found if row["participant"] == "hotel"]
    assert (hotel["left"], hotel["runs_out_at"]) == ("100000.000000", None)
    assert "hotel" in books("caps").out
