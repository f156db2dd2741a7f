"""Locks on files, held by the kernel: however their holder ends, they are gone with it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait for the lock on `path` and hold it, alone, in the block."""
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def locked_if_free(path: Path) -> Iterator[int | None]:
    """Hold the lock on `path`, alone, in the block: its descriptor, or None where somebody else holds it.

    A child process that inherits the descriptor goes on holding the lock, until it and its children have ended.
    """
    descriptor = _open(path)
    try:
        yield descriptor if _take(descriptor) else None
    finally:
        os.close(descriptor)


def share(path: Path) -> int:
    """Wait for a share of the lock on `path`; closing the returned descriptor gives it back."""
    descriptor = _open(path)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def is_free(path: Path) -> bool:
    """Whether nobody holds the lock on `path`, or a share of it, at this moment."""
    with locked_if_free(path) as descriptor:
        return descriptor is not None


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
