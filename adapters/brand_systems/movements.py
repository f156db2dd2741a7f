"""Reads a page of a brand's transactions."""

from dataclasses import dataclass
from typing import Any

from adapters.brand_systems.figures import Figures, Unreadable
from adapters.brand_systems.reading import Reading
from brands.adapter.messages import AnswerMapping, MovementMapping
from exchange.brand_system import BrandTransaction


@dataclass(frozen=True, slots=True)
class Page:
    """Some movements, and what asks for the next."""

    movements: tuple[BrandTransaction, ...]
    cursor: str | None
    """None: these were the last."""


def page(read: Reading, mapping: AnswerMapping, figures: Figures) -> Page:
    """Every movement is read, or none is. Raises Unreadable."""
    items = read.value(mapping.movements)
    if not isinstance(items, list) or mapping.movement is None:
        raise Unreadable("the answer holds no list of transactions")
    movements = tuple(_movement(item, mapping.movement, figures) for item in items)
    return Page(movements, read.name(mapping.cursor))


def _movement(item: Any, mapping: MovementMapping, figures: Figures) -> BrandTransaction:
    read = Reading(item if isinstance(item, dict) else {})
    brand_reference, number = read.name(mapping.brand_reference), read.name(mapping.number)
    if brand_reference is None or number is None:
        raise Unreadable("a transaction has no reference or no member")
    return BrandTransaction(
        brand_reference,
        read.name(mapping.our_reference),
        number,
        figures.amount(read.value(mapping.amount)),
        figures.instant(read.value(mapping.recorded_at)),
    )
