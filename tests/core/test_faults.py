"""Whose fault an exception is."""

import asyncpg
import pytest
from tortoise.exceptions import DBConnectionError, OperationalError

from core.faults import Fault, fault_of


def _wrapped(cause: Exception) -> Exception:
    wrapper = OperationalError(cause)
    wrapper.__cause__ = cause
    return wrapper


@pytest.mark.parametrize(
    ("exception", "fault"),
    [
        (ValueError("bad"), Fault.OWN),
        (asyncpg.UniqueViolationError("twice"), Fault.OWN),
        (asyncpg.DataError("invalid input for query argument $1"), Fault.OWN),
        (asyncpg.SerializationError("40001"), Fault.COLLISION),
        (asyncpg.DeadlockDetectedError("40P01"), Fault.COLLISION),
        (_wrapped(asyncpg.DeadlockDetectedError("40P01")), Fault.COLLISION),
        (asyncpg.InterfaceError("connection is closed"), Fault.MACHINERY),
        (asyncpg.ConnectionDoesNotExistError("gone"), Fault.MACHINERY),
        (asyncpg.AdminShutdownError("57P01"), Fault.MACHINERY),
        (asyncpg.QueryCanceledError("57014"), Fault.MACHINERY),
        (asyncpg.LockNotAvailableError("55P03"), Fault.MACHINERY),
        (asyncpg.DiskFullError("53100"), Fault.MACHINERY),
        (ConnectionRefusedError(), Fault.MACHINERY),
        (TimeoutError(), Fault.MACHINERY),
        (DBConnectionError("no way"), Fault.MACHINERY),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_fault(exception: Exception, fault: Fault) -> None:
    """Collisions may be tried again, machinery is never blamed on the work, everything else is the work's own."""
    assert fault_of(exception) is fault
