"""DATABASE_URL, understood or refused."""

from typing import Any

import pytest

from core.database_url import connection_arguments
from core.errors import ConfigurationError

DEFAULTS = {"host": "localhost", "port": 5432, "user": "postgres", "password": "", "database": "agio"}


@pytest.mark.parametrize(
    ("url", "difference"),
    [
        ("postgresql:///agio", {}),
        ("postgres://db.example/agio", {"host": "db.example"}),
        (
            "postgresql://me:p%40ss%2Fword@db:6432/agio",
            {"host": "db", "port": 6432, "user": "me", "password": "p@ss/word"},
        ),
        ("postgresql://[::1]:1/a%20b", {"host": "::1", "port": 1, "database": "a b"}),
        ("postgresql://me@/agio?host=%2Fhome%2Fme&port=7", {"host": "/home/me", "port": "7", "user": "me"}),
        ("postgresql://db/agio?sslmode=require", {"host": "db", "ssl": "require"}),
    ],
)
def test_understood(url: str, difference: dict[str, Any]) -> None:
    """Each part of the URL ends up in its argument, decoded."""
    assert connection_arguments(url) == DEFAULTS | difference


@pytest.mark.parametrize(
    "url",
    [
        *("", "agio", "sqlite://agio.db", "mysql://u:hush@h/agio", "postgresql://u:hush@h", "postgresql://u:hush@h/"),
        *("postgresql://u:hush@h:port/agio", "postgresql://u:hush@h:99999/agio", "postgresql://u:hush@[/agio"),
        *("postgresql://u:hush@h/agio?nonsense", "postgresql://u:hush@h/agio?pool=3"),
    ],
)
def test_refused(url: str) -> None:
    """The message says what is wrong and never shows the password."""
    with pytest.raises(ConfigurationError, match="DATABASE_URL") as caught:
        connection_arguments(url)
    assert "hush" not in f"{caught.value}{caught.value.__cause__}"
