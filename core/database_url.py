"""DATABASE_URL, understood."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from core.errors import ConfigurationError

_PARAMETERS = {"host": "host", "port": "port", "sslmode": "ssl"}


def connection_arguments(url: str) -> dict[str, Any]:
    """What asyncpg needs to connect to `postgresql://user:password@host:port/database?host=&port=&sslmode=`.

    A `host` that begins with `/` is the folder of a Unix socket. Raises ConfigurationError, which never shows the
    password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
        parameters = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError:
        raise _unusable() from None
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise _unusable()
    return {
        "host": parts.hostname or "localhost",
        "port": port or 5432,
        "user": unquote(parts.username or "postgres"),
        "password": unquote(parts.password or ""),
        "database": unquote(parts.path.strip("/")),
    } | _renamed(parameters)


def _unusable() -> ConfigurationError:
    return ConfigurationError("DATABASE_URL must look like postgresql://user:password@host:port/database")


def _renamed(parameters: dict[str, str]) -> dict[str, str]:
    unknown = sorted(parameters.keys() - _PARAMETERS.keys())
    if unknown:
        message = f"DATABASE_URL has parameters that are not understood: {', '.join(unknown)}"
        raise ConfigurationError(message)
    return {_PARAMETERS[name]: value for name, value in parameters.items()}
