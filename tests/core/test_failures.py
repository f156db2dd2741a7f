"""Many things one by one, some of which fail."""

import logging

import asyncpg
import pytest

from core.failures import Failures


def test_the_others_are_done_and_what_failed_is_told() -> None:
    """With what it was about."""
    done, failures = [], Failures()
    for number in range(4):
        with failures.kept(f"number {number}"):
            done.append(1 // (number % 2))
    assert done == [1, 1]
    with pytest.raises(ExceptionGroup) as told:
        failures.tell()
    assert [type(it) for it in told.value.exceptions] == [ZeroDivisionError] * 2
    assert [it.__notes__ for it in told.value.exceptions] == [["It was about number 0."], ["It was about number 2."]]


def test_without_failures_nothing_is_raised() -> None:
    failures = Failures()
    with failures.kept("all"):
        pass
    failures.tell()


def test_where_the_machinery_fails_the_others_are_not_tried() -> None:
    with pytest.raises(asyncpg.ConnectionDoesNotExistError), Failures().kept("one"):
        raise asyncpg.ConnectionDoesNotExistError("gone")


def test_a_collision_is_left_for_the_next_run(caplog: pytest.LogCaptureFixture) -> None:
    failures = Failures()
    with failures.kept("one"):
        raise asyncpg.DeadlockDetectedError("circle")
    failures.tell()
    assert [(it.levelno, it.getMessage()) for it in caplog.records] == [
        (logging.WARNING, "one is left for later: DeadlockDetectedError")
    ]
