"""What must hold for the brands of one file: one tree, whose root settles."""

from collections.abc import Mapping

from brands.brand import BrandKind
from brands.config.problems import Path, Problems
from brands.config.sections import BrandSection

Brands = Mapping[str, BrandSection]

_ORDER = tuple(BrandKind)


def check_tree(brands: Brands, problems: Problems) -> None:
    """Note everything that does not hold."""
    if not brands:
        problems.add(("brands",), "The file describes no brand.")
    _check_roots(brands, problems)
    _check_circles(brands, problems)
    for code, brand in brands.items():
        _check_parent(code, brand, brands, problems)
        _check_settling(code, brand, problems)


def root_of(brands: Brands) -> str:
    """The code of the brand that has no parent, in a file without problems."""
    return next(code for code, brand in brands.items() if brand.parent is None)


def _check_roots(brands: Brands, problems: Problems) -> None:
    first, *others = [code for code, brand in brands.items() if brand.parent is None] or [""]
    for code in others:
        problems.add(("brands", code), f"A file describes one tree, but {code} has no parent and neither has {first}.")
    if first and not brands[first].participant:
        problems.add(("brands", first, "participant"), f"The root {first} must be a participant, or nobody settles.")


def _check_circles(brands: Brands, problems: Problems) -> None:
    cleared: set[str] = set()
    for code in brands:
        trail: list[str] = []
        above = code
        while above in brands and above not in cleared and above not in trail:
            trail.append(above)
            above = brands[above].parent or ""
        if above in trail:
            circle = trail[trail.index(above) :]
            problems.add(
                ("brands", circle[0], "parent"), f"The brands {' → '.join([*circle, above])} stand in a circle."
            )
        cleared.update(trail)


def _check_parent(code: str, brand: BrandSection, brands: Brands, problems: Problems) -> None:
    if brand.parent is None:
        return
    parent = brands.get(brand.parent)
    if parent is None:
        problems.unknown(("brands", code, "parent"), "The brand", brand.parent, brands.keys())
    elif _ORDER.index(brand.kind) < _ORDER.index(parent.kind):
        problems.add(("brands", code, "kind"), f"A {brand.kind} cannot stand below a {parent.kind}.")


def _check_settling(code: str, brand: BrandSection, problems: Problems) -> None:
    path: Path = ("brands", code)
    if brand.participant and brand.net_debit_cap is None:
        problems.add((*path, "net_debit_cap"), "A participant needs a net debit cap.")
    if not brand.participant and brand.net_debit_cap is not None:
        problems.add((*path, "net_debit_cap"), "Only a participant has a net debit cap.")
    if not brand.participant and brand.prefund is not None:
        problems.add((*path, "prefund"), "Only a participant prefunds.")
