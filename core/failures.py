"""Many things one by one: what is wrong with one of them keeps nobody from the others, and is told at the end."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from core.faults import Fault, fault_of

log = logging.getLogger("agio.jobs")


class Failures:
    """What failed so far."""

    def __init__(self) -> None:
        self._found: list[Exception] = []

    @contextmanager
    def kept(self, what: str) -> Iterator[None]:
        """Keep a failure of the block, which is about `what`, until the end.

        Where the machinery failed, the others would fail as well: that is raised at once. A collision is logged, and
        left for the next run.
        """
        try:
            yield
        except Exception as error:
            match fault_of(error):
                case Fault.MACHINERY:
                    raise
                case Fault.COLLISION:
                    log.warning("%s is left for later: %s", what, type(error).__name__)
                case Fault.OWN:
                    error.add_note(f"It was about {what}.")
                    self._found.append(error)

    def tell(self) -> None:
        """Raise ExceptionGroup when something failed."""
        if self._found:
            message = "some failed, the others were done"
            raise ExceptionGroup(message, self._found)
