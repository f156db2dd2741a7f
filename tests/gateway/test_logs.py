"""Logs: one JSON object a line, without personal data."""

import asyncio
import logging

import asyncpg
import orjson
import pytest

from core.database import Database
from core.ids import new_id
from core.scratch import create_database, drop_database
from gateway.logs import JsonLines, shorten_pool_logs


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


class _Waiting(logging.Handler):
    """Keeps what is logged, and tells when."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.lines: asyncio.Queue[str] = asyncio.Queue()
        self._loop = loop

    def emit(self, record: logging.LogRecord) -> None:
        self._loop.call_soon_threadsafe(self.lines.put_nowait, self.format(record))


async def test_a_pool_without_its_database_complains_in_one_line(server_url: str, template: str) -> None:
    """It tries again every few seconds for as long as PostgreSQL is down, in somebody's terminal."""
    name = f"gone_{new_id().hex}"
    database = await Database.connect(await create_database(server_url, name, template=template), pool_size_max=2)
    waiting = _Waiting(asyncio.get_running_loop())
    shorten_pool_logs()
    logging.getLogger("asyncpg.pool").addHandler(waiting)
    await drop_database(server_url, name)
    async with asyncio.timeout(60):
        line = await waiting.lines.get()
    logging.getLogger("asyncpg.pool").removeHandler(waiting)
    await database.close()
    assert line == "Failed to restore the pool connection floor; retrying: InvalidCatalogNameError"
