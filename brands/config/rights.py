"""What must hold for one right. References into other files are checked when the file is applied."""

from collections.abc import Mapping
from typing import NamedTuple

from brands.adapter.kinds import BookOfRecord
from brands.config.leaves import Unfit, exact
from brands.config.problems import Path, Problems
from brands.config.sections import NetworkSection, ProgramSection, RightSection, ValiditySection
from brands.right import RightKind


class PricedIn(NamedTuple):
    """What a right's prices and eligibility must fit: a program's decimals and tiers."""

    scale: int
    tiers: tuple[str, ...]
    booked_by_brand: bool


def check_right(path: Path, right: RightSection, network: NetworkSection, problems: Problems) -> None:
    """Note everything that does not hold within the file."""
    if right.issuer not in network.brands:
        problems.unknown((*path, "issuer"), "The brand", right.issuer, network.brands.keys())
    if not right.honoured_by:
        problems.add((*path, "honoured_by"), "Somebody must honour the right.")
    if len(set(right.honoured_by)) < len(right.honoured_by):
        problems.add((*path, "honoured_by"), "A brand is named twice.")
    _check_uses((*path, "uses"), right, problems)
    _check_validity((*path, "validity"), right.validity, problems)
    programs = {code: priced_in(program) for code, program in network.programs.items()}
    check_right_programs(path, right, programs, problems)


def priced_in(program: ProgramSection) -> PricedIn:
    """Of a program in a file."""
    return PricedIn(program.scale, tuple(program.tiers), program.adapter.book_of_record is BookOfRecord.BRAND)


def check_right_programs(path: Path, right: RightSection, programs: Mapping[str, PricedIn], problems: Problems) -> None:
    """Note prices and tiers that do not fit the ones of `programs` that the right names."""
    for code in [code for code in right.price if code in programs]:
        _check_price((*path, "price", code), right.price[code], programs[code].scale, problems)
        if programs[code].booked_by_brand:
            problems.add((*path, "price", code), "The brand keeps these points in its own books: they pay no rights.")
    for code in [code for code in right.eligibility if code in programs]:
        tier, tiers = right.eligibility[code], programs[code].tiers
        if tier not in tiers:
            problems.unknown((*path, "eligibility", code), f"The {code} tier", tier, tiers)


def _check_price(path: Path, written: str, scale: int, problems: Problems) -> None:
    try:
        price = exact(written, scale)
    except Unfit as unfit:
        problems.add(path, str(unfit))
        return
    if not price:
        problems.add(path, "This must be more than zero; leave the price out when it costs nothing.")


def _check_uses(path: Path, right: RightSection, problems: Problems) -> None:
    if right.kind is RightKind.VISIT_CARD and right.uses == 1:
        problems.add(path, "A visit card has more than one use.")
    if right.kind is not RightKind.VISIT_CARD and right.uses != 1:
        problems.add(path, f"A {right.kind} is used once; a visit_card more than once.")


def _check_validity(path: Path, validity: ValiditySection, problems: Problems) -> None:
    days = (validity.first_day, validity.last_day, validity.time_zone)
    if validity.hours is not None and any(days):
        problems.add(path, "Write either hours, or first_day, last_day and time_zone.")
    if validity.hours is None and not all(days):
        problems.add(path, "Write hours = a number, or first_day, last_day and time_zone.")
    if validity.first_day and validity.last_day and validity.last_day < validity.first_day:
        problems.add((*path, "last_day"), f"The last day {validity.last_day} is before the first {validity.first_day}.")
