"""Whether a circle of exchanges could end with more than it began: exact arithmetic over all prices at one instant.

Along each exchange, what a minor unit becomes is at most `sell * (1 - fee) / buy`: the fee of the best tier is taken,
a fixed fee is left out, and so are fees rounded up and points rounded down, which only take away. A circle whose
product of these is not above one can therefore never profit, whatever the amounts, tiers and roundings.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias
from uuid import UUID

from brands.prices import Pair
from brands.rate import BASIS_POINTS, Rate, Terms

Edges: TypeAlias = Mapping[tuple[UUID, UUID], Fraction]
"""What a minor unit of one program becomes at most in another."""


@dataclass(frozen=True, slots=True)
class Circle:
    """Exchanges that lead back to where they began."""

    program_ids: tuple[UUID, ...]
    """In order; the first one comes again at the end."""
    product: Fraction
    """What one minor unit of the first becomes at most."""


def profitable_circle(prices: Mapping[Pair, Rate]) -> Circle | None:
    """A circle that could profit at these prices; None: there is none.

    Without special prices of pairs there never is one, because no program sells above what it buys at.
    """
    if all(target_id is None for _, target_id in prices):
        return None
    edges = dict(_edges(prices))
    return _search(edges)


def best_multiple(source: Terms, target: Terms, pair: Terms | None) -> Fraction:
    """What a minor unit of the source becomes at most."""
    sell, buy = (pair, pair) if pair else (source, target)
    return Fraction(sell.sell_micro * (BASIS_POINTS - sell.fee_bp_min), buy.buy_micro * BASIS_POINTS)


def _edges(prices: Mapping[Pair, Rate]) -> Iterator[tuple[tuple[UUID, UUID], Fraction]]:
    own = {program_id: rate for (program_id, target_id), rate in prices.items() if target_id is None}
    for source_id, source in own.items():
        for target_id, target in own.items():
            if source_id != target_id:
                pair = prices.get((source_id, target_id))
                yield (source_id, target_id), best_multiple(source, target, pair)


def _search(edges: Edges) -> Circle | None:
    """Bellman and Ford with products in place of sums: whoever still improves after n rounds stands behind a circle."""
    nodes = sorted({end for edge in edges for end in edge})
    best = dict.fromkeys(nodes, Fraction(1))
    before: dict[UUID, UUID] = {}
    for _ in nodes:
        improved = _improve(edges, best, before)
        if improved is None:
            return None
        if found := _circle_behind(improved, before):
            return _named(found, edges)
    return None


def _improve(edges: Edges, best: dict[UUID, Fraction], before: dict[UUID, UUID]) -> UUID | None:
    """One round over all edges; the last program that can be reached with more than before."""
    improved = None
    for (source_id, target_id), multiple in edges.items():
        if best[source_id] * multiple > best[target_id]:
            best[target_id] = best[source_id] * multiple
            before[target_id] = source_id
            improved = target_id
    return improved


def _circle_behind(start: UUID, before: Mapping[UUID, UUID]) -> list[UUID] | None:
    """The circle that the trail of best ways runs into, going back from `start`; None: it has an end."""
    trail: list[UUID] = []
    node: UUID | None = start
    while node is not None and node not in trail:
        trail.append(node)
        node = before.get(node)
    return None if node is None else trail[trail.index(node) :][::-1]


def _named(nodes: list[UUID], edges: Edges) -> Circle | None:
    first = nodes.index(min(nodes))
    ordered = (*nodes[first:], *nodes[: first + 1])
    product = Fraction(1)
    for source_id, target_id in pairwise(ordered):
        product *= edges[source_id, target_id]
    return Circle(ordered, product) if product > 1 else None
