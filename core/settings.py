"""What can be set from outside, read once from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import ConfigurationError

_PORT_MAX = 65_535


@dataclass(frozen=True, slots=True)
class Settings:
    """One process's settings."""

    home: Path
    """AGIO_HOME: the folder for the private PostgreSQL, keys and output. Default: `.agio` in the working folder."""
    port: int
    """AGIO_PORT: the TCP port of the gateway on the loopback address. Default: 8800."""
    database_url: str | None
    """DATABASE_URL: a PostgreSQL to use in place of the private one."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the environment. Raises ConfigurationError."""
        return cls(
            home=_home(environment.get("AGIO_HOME") or ".agio"),
            port=_port(environment.get("AGIO_PORT") or "8800"),
            database_url=environment.get("DATABASE_URL") or None,
        )


def _home(text: str) -> Path:
    if any(letter < " " for letter in text):
        message = f"AGIO_HOME must be the path of a folder, on one line, not {text!r}"
        raise ConfigurationError(message)
    home = Path(text).expanduser().absolute()
    for place in (home, *home.parents):
        if os.path.isfile(place):  # noqa: PTH113 - pathlib's raises where it may not look
            message = f"AGIO_HOME must be a folder, but {place} is a file"
            raise ConfigurationError(message)
    return home


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= _PORT_MAX):
        message = f"AGIO_PORT must be a number from 1 to {_PORT_MAX}, not {text!r}"
        raise ConfigurationError(message)
    return int(text)
