"""Whose fault an exception is: the work's own, a collision worth another try, or the machinery's."""

from enum import StrEnum

import asyncpg
from tortoise.exceptions import DBConnectionError

_MACHINERY = (
    asyncpg.PostgresConnectionError,  # 08: the connection broke
    asyncpg.InsufficientResourcesError,  # 53: disk, memory or connections ran out
    asyncpg.LockNotAvailableError,  # 55P03: lock time-out
    asyncpg.OperatorInterventionError,  # 57: stopped, crashed, cancelled or timed out
    asyncpg.PostgresSystemError,  # 58: the operating system failed PostgreSQL
    asyncpg.ReadOnlySQLTransactionError,  # a standby, or a server made read-only
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TransactionTimeoutError,
    asyncpg.InternalClientError,
    DBConnectionError,
    OSError,  # includes TimeoutError and ConnectionError
)
_COLLISION = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)


class Fault(StrEnum):
    """Whose fault it is."""

    OWN = "own"
    """The work itself was wrong; nothing of it was committed."""
    COLLISION = "collision"
    """Two transactions were in each other's way (40001, 40P01): nothing was committed, another try may succeed."""
    MACHINERY = "machinery"
    """The database or the way to it failed. Whether the work was committed is unknown: repeat it with the same ids."""


def fault_of(exception: BaseException) -> Fault:
    """Whose fault `exception` is, judged by it or the nearest cause that tells."""
    found: BaseException | None = exception
    while found is not None:
        if isinstance(found, _COLLISION):
            return Fault.COLLISION
        if isinstance(found, _MACHINERY) or _client_broke(found):
            return Fault.MACHINERY
        found = found.__cause__
    return Fault.OWN


def _client_broke(exception: BaseException) -> bool:
    # asyncpg raises InterfaceError for a lost connection; those that are also ValueErrors blame an argument.
    return isinstance(exception, asyncpg.InterfaceError) and not isinstance(exception, ValueError)
