"""Starting the private PostgreSQL again when it dies while somebody uses it.

Users that serve for long keep it: each looks whether anything of the server is left, and the first to find nothing
starts it. It recovers what was committed, at the same address; pools that were open connect to it again.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from core.cluster import Cluster
from core.errors import PostgresFailed
from core.file_locks import locked

log = logging.getLogger("agio.postgres")

LOOK_SECONDS: Final = 0.2
STARTS_MAX: Final = 5
"""Within STARTS_SECONDS; what dies more often needs a person (its disk is full, its files are broken)."""
STARTS_SECONDS: Final = 600.0


@contextmanager
def watched(cluster: Cluster) -> Iterator[None]:
    """The server is started again whenever it is found dead in the block."""
    keeper = _Keeper(cluster)
    thread = threading.Thread(target=keeper.keep, name="agio-postgres-keeper", daemon=True)
    thread.start()
    try:
        yield
    finally:
        keeper.leaving.set()
        thread.join()


@dataclass(frozen=True, slots=True)
class _Keeper:
    cluster: Cluster
    leaving: threading.Event = field(default_factory=threading.Event)
    starts: deque[float] = field(default_factory=lambda: deque(maxlen=STARTS_MAX))

    def keep(self) -> None:
        """Until the user leaves."""
        given_up = False
        while not self.leaving.wait(LOOK_SECONDS):
            if not self.cluster.is_gone:
                given_up = False
            elif self._is_spent():
                if not given_up:
                    log.error("PostgreSQL died %d times in %d s; it rests for now", STARTS_MAX, STARTS_SECONDS)
                given_up = True
            else:
                self._start()

    def _is_spent(self) -> bool:
        return len(self.starts) == STARTS_MAX and time.monotonic() - self.starts[0] < STARTS_SECONDS

    def _start(self) -> None:
        with locked(self.cluster.folder / "gate"):
            if self.leaving.is_set() or not self.cluster.is_gone:
                return  # another user was quicker
            log.warning("PostgreSQL has died; it is started again")
            began = time.monotonic()
            self.starts.append(began)
            try:
                self.cluster.start()
            except (PostgresFailed, OSError) as error:
                log.error("PostgreSQL could not be started again: %s", error)  # noqa: TRY400 - no trace, it says why
            else:
                log.warning("PostgreSQL answers again after %.1f s", time.monotonic() - began)
