"""Sparing the garbage collector what never becomes garbage."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from core.garbage import THRESHOLDS, keep_what_is_there, without_looking


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


@pytest.mark.usefixtures("_as_before")
def test_imports_are_not_searched_and_the_collector_goes_on_afterwards() -> None:
    """What a block made is set aside, also when the block failed, and the collector works again."""
    with pytest.raises(ImportError), without_looking():
        assert not gc.isenabled()
        there = Ring()
        raise ImportError
    assert gc.isenabled()
    assert not any(found is there for found in gc.get_objects())
