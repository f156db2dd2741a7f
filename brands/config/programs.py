"""What must hold for one program: prices, limits, tiers, expiry."""

from collections.abc import Callable, Mapping
from itertools import pairwise

from brands.config.adapters import check_adapter
from brands.config.leaves import Unfit
from brands.config.problems import Path, Problems
from brands.config.sections import ProgramSection
from brands.config.statements import check_file, check_statement_file
from brands.config.tree import Brands
from core.amounts import AMOUNT_MAX


def check_program(path: Path, program: ProgramSection, brands: Brands, problems: Problems) -> None:
    """Note everything that does not hold."""
    if program.brand not in brands:
        problems.unknown((*path, "brand"), "The brand", program.brand, brands.keys())
    _converted((*path, "opening_value"), program.price, program.opening_value, problems)
    sell = _check_prices((*path, "rate"), program, problems)
    _check_limits((*path, "limits"), program, sell, problems)
    _check_periods(path, program, problems)
    _check_tiers((*path, "tiers"), program, problems)
    _check_expiry((*path, "expiry"), program, problems)
    check_adapter((*path, "adapter"), program.adapter, program.scale, problems)
    if program.member_file is not None:
        check_file((*path, "member_file"), program.member_file, problems)
    if program.statement_file is not None:
        check_statement_file((*path, "statement_file"), program.statement_file, problems)


def _check_prices(path: Path, program: ProgramSection, problems: Problems) -> int | None:
    """The sell price, if it can be used."""
    sell = _positive((*path, "sell"), program.price, program.rate.sell, problems)
    buy = _positive((*path, "buy"), program.price, program.rate.buy, problems)
    if sell and buy and sell > buy:
        sentence = f"The sell price {program.rate.sell} is higher than the buy price {program.rate.buy}"
        problems.add((*path, "sell"), f"{sentence}: a circle of exchanges could make a profit.")
    for tier in program.rate.tiers:
        if tier not in program.tiers:
            problems.unknown((*path, "tiers", tier), "The tier", tier, program.tiers.keys())
    return sell


def _check_limits(path: Path, program: ProgramSection, sell: int | None, problems: Problems) -> None:
    limits = program.limits
    step = _positive((*path, "step"), program.points, limits.step, problems)
    least = _positive((*path, "min"), program.points, limits.min, problems)
    most = _positive((*path, "max"), program.points, limits.max, problems)
    if step and least and least % step:
        problems.add((*path, "min"), f"{limits.min} is not a multiple of the step {limits.step}.")
    if step and most and most % step:
        problems.add((*path, "max"), f"{limits.max} is not a multiple of the step {limits.step}.")
    if least and most and least > most:
        problems.add((*path, "max"), f"The largest amount {limits.max} is less than the smallest {limits.min}.")
    if most and sell and most * sell > AMOUNT_MAX:
        problems.add((*path, "max"), f"The largest amount {limits.max} is worth more than can be booked.")


def _check_periods(path: Path, program: ProgramSection, problems: Problems) -> None:
    limits = program.limits
    a_day = _positive((*path, "limits", "member_day"), program.points, limits.member_day, problems)
    most = _quiet(program.points, limits.max)
    if most and a_day and most > a_day:
        message = f"A day allows {limits.member_day}, less than one exchange: {limits.max}."
        problems.add((*path, "limits", "member_day"), message)
    member = {"member_day": limits.member_day, "member_month": limits.member_month, "member_year": limits.member_year}
    _check_order((*path, "limits"), member, program, problems)
    for section_path, section in (
        ((*path, "issuance"), program.issuance),
        *(((*path, "limits", "pairs", code), pair) for code, pair in limits.pairs.items()),
    ):
        _check_order(
            section_path, {"day": section.day, "month": section.month, "year": section.year}, program, problems
        )


def _check_order(path: Path, written: Mapping[str, str | None], program: ProgramSection, problems: Problems) -> None:
    """A longer period allows at least what a shorter one does."""
    before: tuple[str, int] | None = None
    for key, text in written.items():
        amount = None if text is None else _positive((*path, key), program.points, text, problems)
        if amount and before and amount < before[1]:
            problems.add((*path, key), f"{key} allows {text}, less than {before[0]}.")
        before = (key, amount) if amount else before


def _quiet(convert: Callable[[str], int], written: str) -> int | None:
    """The amount, if it is one; what is wrong with it is noted elsewhere."""
    try:
        return convert(written)
    except Unfit:
        return None


def _check_tiers(path: Path, program: ProgramSection, problems: Problems) -> None:
    if not program.tiers:
        problems.add(path, "A program needs at least one tier.")
    for (below, lower), (code, tier) in pairwise(program.tiers.items()):
        if tier.level < lower.level:
            message = f"{code} stands above {below}, but level {tier.level} is lower than {lower.level}."
            problems.add((*path, code, "level"), message)
    bearers: dict[str, str] = {}
    for code, tier in program.tiers.items():
        for name in {code, tier.name.casefold(), (tier.name_zh or tier.name).casefold()}:
            if bearers.setdefault(name, code) != code:
                problems.add((*path, code), f"{code} and {bearers[name]} have a name in common.")


def _check_expiry(path: Path, program: ProgramSection, problems: Problems) -> None:
    if program.expiry.never == (program.expiry.months is not None):
        problems.add(path, "Write either never = true or months = a number.")


def _positive(path: Path, convert: Callable[[str], int], written: str, problems: Problems) -> int | None:
    amount = _converted(path, convert, written, problems)
    if amount == 0:
        problems.add(path, "This must be more than zero.")
    return amount or None


def _converted(path: Path, convert: Callable[[str], int], written: str, problems: Problems) -> int | None:
    try:
        return convert(written)
    except Unfit as unfit:
        problems.add(path, str(unfit))
        return None
