"""Listening for changes that any process commits (PostgreSQL's NOTIFY), for the subscriptions of this one.

One connection listens. When it is lost another one takes its place, and everybody looks at everything again, because
what was told meanwhile was told to nobody.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Final
from uuid import UUID

from core.database import Connection, Database
from core.errors import Overloaded
from core.faults import Fault, fault_of
from webhooks.notices import CHANNEL, Change, read_line

log = logging.getLogger("agio.changes")

WATCHES_MAX: Final = 10_000
"""Subscriptions of one process."""
EXCHANGES_MAX: Final = 256
"""Exchanges that one subscription remembers while nobody looks; with more, it looks at everything."""
LOOK_SECONDS: Final = 300.0
"""How often the present state is told although nothing was said: points expire without anybody's doing."""
PROBE_SECONDS: Final = 15.0
"""How often the listening connection is tried; what does not answer is lost."""
AGAIN_SECONDS: Final = 1.0


class OwnWatch:
    """Implements `schema.ports.Watch`."""

    def __init__(self, changes: "NotifiedChanges") -> None:
        self._changes = changes
        self._memberships: frozenset[UUID] = frozenset()
        self._exchanges: set[UUID] = set()
        self._everything = False
        self._told = asyncio.Event()

    def follow(self, membership_ids: Iterable[UUID]) -> None:
        """Wait for changes of these memberships, in place of those before."""
        wanted = frozenset(membership_ids)
        if wanted != self._memberships:
            self._changes.move(self, self._memberships, wanted)
            self._memberships = wanted

    async def changed(self) -> None:
        """Wait until something has changed, or for LOOK_SECONDS."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await self._told.wait()
                return
        self.tell_everything()

    def taken(self) -> frozenset[UUID] | None:
        """What has changed since the last look."""
        found = None if self._everything else frozenset(self._exchanges)
        self._exchanges.clear()
        self._everything = False
        self._told.clear()
        return found

    def tell(self, change: Change) -> None:
        """Something has changed."""
        if change.exchange_id is not None and not self._everything:
            self._exchanges.add(change.exchange_id)
        if len(self._exchanges) > EXCHANGES_MAX:
            self.tell_everything()
        self._told.set()

    def tell_everything(self) -> None:
        """Anything may have changed."""
        self._exchanges.clear()
        self._everything = True
        self._told.set()


class NotifiedChanges:
    """Implements `schema.ports.Changes` for one process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._watches: set[OwnWatch] = set()
        self._by_membership: defaultdict[UUID, set[OwnWatch]] = defaultdict(set)
        self.listening = asyncio.Event()
        """Set while a connection listens."""

    @asynccontextmanager
    async def watch(self) -> AsyncIterator[OwnWatch]:
        """A place to wait in. Raises Overloaded."""
        if len(self._watches) >= WATCHES_MAX:
            raise Overloaded("this process serves as many subscriptions as it can; nothing was done")
        watch = OwnWatch(self)
        self._watches.add(watch)
        try:
            yield watch
        finally:
            watch.follow(())
            self._watches.discard(watch)

    def move(self, watch: OwnWatch, before: frozenset[UUID], after: frozenset[UUID]) -> None:
        """The watch follows other memberships."""
        for membership_id in after - before:
            self._by_membership[membership_id].add(watch)
        for membership_id in before - after:
            self._by_membership[membership_id].discard(watch)
            if not self._by_membership[membership_id]:
                del self._by_membership[membership_id]

    async def listen(self) -> None:
        """Listen until cancelled."""
        while True:
            try:
                await self._listen_once()
            except Exception as exception:
                if fault_of(exception) is Fault.OWN:
                    raise
                log.warning("listening ended: %s", type(exception).__name__)
                await asyncio.sleep(AGAIN_SECONDS)

    async def _listen_once(self) -> None:
        async with self._database.connection() as connection:
            await connection.add_listener(CHANNEL, self._hear)
            try:
                for watch in self._watches:
                    watch.tell_everything()
                self.listening.set()
                await _until_lost(connection)
            finally:
                self.listening.clear()
                if not connection.is_closed():
                    await connection.remove_listener(CHANNEL, self._hear)

    def _hear(self, connection: Any, process_id: int, channel: str, line: object) -> None:
        del connection, process_id, channel
        if not self._by_membership:
            return  # nobody asks, and a busy house says it for every exchange
        for change in read_line(str(line)):
            for watch in self._by_membership.get(change.membership_id, ()):
                watch.tell(change)


async def _until_lost(connection: Connection) -> None:
    """Return or raise when the connection is lost."""
    lost = asyncio.Event()
    with _told_of_the_end(connection, lost):
        while not connection.is_closed():
            with suppress(TimeoutError):
                async with asyncio.timeout(PROBE_SECONDS):
                    await lost.wait()
            if not lost.is_set():
                await connection.fetchval("SELECT 1", timeout=PROBE_SECONDS)
    raise ConnectionError("the listening connection was lost")


@contextmanager
def _told_of_the_end(connection: Connection, lost: asyncio.Event) -> Iterator[None]:
    def end(_: object) -> None:
        lost.set()

    connection.add_termination_listener(end)
    try:
        yield
    finally:
        if not connection.is_closed():
            connection.remove_termination_listener(end)
