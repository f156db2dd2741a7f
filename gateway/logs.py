"""Logs: one JSON object a line on the error stream, with the request's id and without personal data.

No query, variable, token, header or address is ever logged. PostgreSQL's messages are; their details, which quote
the values of rows, are not.
"""

import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

import asyncpg
import orjson


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := getattr(record, "request_id", None):
            line["request_id"] = request_id
        if record.exc_info and record.exc_info[1]:
            line["exception"] = _without_details(record.exc_info[1])
        return orjson.dumps(line, default=str).decode()


def log_json_lines(level: int = logging.INFO) -> None:
    """Make this the form of all logs of the process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)


def shorten_pool_logs() -> None:
    """Let asyncpg's pool, which tries again every few seconds, say in one line that the database is gone."""
    logging.getLogger("asyncpg.pool").addFilter(_in_one_line)


def _in_one_line(record: logging.LogRecord) -> bool:
    if record.exc_info and record.exc_info[1]:
        record.msg, record.args = f"{record.getMessage()}: {type(record.exc_info[1]).__name__}", ()
    record.exc_info = record.exc_text = None
    return True


def _without_details(exception: BaseException) -> str:
    lines = [_said(exception), *_frames(exception)]
    cause = exception.__cause__ or exception.__context__
    if cause is not None:
        lines += ["caused by:", _without_details(cause)]
    return "\n".join(lines)


def _said(exception: BaseException) -> str:
    message = exception.args[0] if isinstance(exception, asyncpg.PostgresError) and exception.args else exception
    return f"{type(exception).__name__}: {message}"


def _frames(exception: BaseException) -> list[str]:
    return [
        f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(exception.__traceback__)
    ]
