"""Sparing the garbage collector what never becomes garbage."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from gateway.garbage import THRESHOLDS, keep_what_is_there


class Ring:
    """Garbage that only the collector finds: it refers to itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def _as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


@pytest.mark.usefixtures("_as_before")
def test_what_is_there_is_set_aside_and_what_comes_is_collected() -> None:
    """The collector no longer walks over what there was, and still finds the rings that are made afterwards."""
    there = Ring()
    keep_what_is_there()
    assert gc.get_threshold() == THRESHOLDS
    assert gc.get_freeze_count() > 0
    assert not any(found is there for found in gc.get_objects())
    later = weakref.ref(Ring())
    assert later() is not None
    gc.collect()
    assert later() is None
