"""Logs: one JSON object a line, without personal data."""

import logging

import asyncpg
import orjson
import pytest

from gateway.logs import JsonLines


def logged(message: str, *arguments: object, exception: BaseException | None = None, **extra: str) -> dict[str, str]:
    information = (type(exception), exception, exception.__traceback__) if exception else None
    record = logging.getLogger("agio.test").makeRecord(
        "agio.test", logging.WARNING, __file__, 1, message, arguments, information, extra=extra
    )
    line = JsonLines().format(record)
    assert "\n" not in line
    found: dict[str, str] = orjson.loads(line)
    return found


def test_a_line_says_when_how_bad_who_and_what() -> None:
    line = logged("%s: %d\nlines", "two", 2, request_id="r-1")
    assert line.pop("at").endswith("+00:00")
    assert line == {"level": "warning", "logger": "agio.test", "message": "two: 2\nlines", "request_id": "r-1"}


def _fail() -> None:
    try:
        raise KeyError("inner")  # noqa: TRY301 - there has to be a cause
    except KeyError as error:
        raise ValueError("outer") from error


def test_an_exception_is_told_with_its_frames_and_causes() -> None:
    with pytest.raises(ValueError, match="outer") as raised:
        _fail()
    line = logged("bug", exception=raised.value)
    told = line["exception"].splitlines()
    assert (told[0], told[3], told[4]) == ("ValueError: outer", "caused by:", "KeyError: 'inner'")
    assert told[2].endswith("_fail")


async def test_the_values_of_rows_stay_out() -> None:
    """PostgreSQL quotes them in the details of its errors."""
    error = asyncpg.UniqueViolationError("duplicate key value violates unique constraint")
    error.__dict__["detail"] = "Key (number)=(AV1000001) already exists."
    assert "AV1000001" in str(error)
    assert "AV1000001" not in logged("bug", exception=error)["exception"]
