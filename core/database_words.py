"""What is said of a database that fails: a sentence of ours and PostgreSQL's code, never its words.

Those may carry values, SQL, paths and hosts; whoever runs the database finds them in its own log, by the code.
"""

from typing import Final

import asyncpg

_SAID: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (asyncpg.DiskFullError, "its disk is full"),
    (asyncpg.OutOfMemoryError, "its memory ran out"),
    (asyncpg.TooManyConnectionsError, "it takes no more connections"),
    (asyncpg.InsufficientResourcesError, "it ran out of something that it needs"),
    (asyncpg.LockNotAvailableError, "a lock was not to be had in time"),
    (asyncpg.CannotConnectNowError, "it is starting or stopping"),
    (asyncpg.QueryCanceledError, "it took too long, or somebody stopped it"),
    (asyncpg.OperatorInterventionError, "somebody stopped it"),
    (asyncpg.PostgresSystemError, "its machine failed it"),
    (asyncpg.ReadOnlySQLTransactionError, "it can only be read"),
    (asyncpg.IdleInTransactionSessionTimeoutError, "it waited too long for us"),
    (asyncpg.TransactionTimeoutError, "it took too long"),
    (asyncpg.InvalidPasswordError, "it does not accept the password"),
    (asyncpg.InvalidAuthorizationSpecificationError, "it does not know the user"),
    (asyncpg.InvalidCatalogNameError, "there is no database of that name"),
    (asyncpg.InsufficientPrivilegeError, "the user may not do what is needed"),
    (asyncpg.PostgresConnectionError, "the connection broke"),
    (asyncpg.InterfaceError, "the connection broke"),
    (asyncpg.InternalClientError, "the connection broke"),
    (TimeoutError, "it did not answer in time"),
    (ConnectionRefusedError, "nobody answers at its address"),
    (OSError, "it cannot be reached"),
)


def in_words(error: BaseException) -> str:
    """Why the database failed, by the error or the nearest cause that tells."""
    found: BaseException | None = error
    while found is not None:
        for kind, sentence in _SAID:
            if isinstance(found, kind):
                return sentence + _code(found)
        found = found.__cause__
    return "it cannot be used"


def _code(error: BaseException) -> str:
    code = getattr(error, "sqlstate", None)
    return f" ({code})" if code else ""
