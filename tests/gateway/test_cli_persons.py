"""Names of persons on the command line: nobody can be called nothing, a line break or a novel."""

import pytest

from core.clock import SystemClock
from gateway.oauth.access import AccessTokens
from gateway.oauth.keys import SigningKeys
from tests.gateway.shell import Shell

UNUSABLE = ("", " ", "\n", "lin\nwei", "x" * 201, "x" * 500)
STEPS = (
    ("settle", "close", 1),
    ("settle", "reject", 1, "--reason", "late"),
    ("settle", "advise", 1),
    ("reconcile", "airline", "no-such.csv"),
)


@pytest.mark.parametrize("name", UNUSABLE)
@pytest.mark.parametrize("step", STEPS, ids=lambda step: " ".join(map(str, step[:2])))
def test_nobody_takes_a_step_under_an_unusable_name(agio: Shell, step: tuple[object, ...], name: str) -> None:
    ran = agio(*step, f"--as={name}")
    assert (ran.code, ran.out) == (2, "")
    assert "1 to 200 printable characters" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("name", UNUSABLE)
def test_an_unusable_name_gets_no_token_and_makes_no_keys(agio: Shell, name: str) -> None:
    ran = agio("token", "staff", "--role=maker", name)
    assert (ran.code, ran.out) == (2, "")
    assert "1 to 200 printable characters" in ran.err
    assert not (agio.home / "keys").exists()


def test_a_token_speaks_for_the_name_as_steps_are_recorded_under_it(agio: Shell) -> None:
    token = agio("token", "staff", " Lin.Wei ", "--role=maker").out.strip()
    tokens = AccessTokens(SigningKeys(agio.home / "keys"), SystemClock(), "http://127.0.0.1:8800")
    assert tokens.verify(token).staff_name == "lin.wei"
