"""What is configured, in the words and units of a network file: the two sides of every comparison."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from brands.brand import Brand
from brands.certifications import adapter_digest
from brands.change import Change
from brands.config.leaves import MONEY_SCALE
from brands.directories import Directory
from brands.program import PeriodLimits, Program
from brands.right import AfterGrant, Right
from brands.scopes import Scope
from core.amounts import format_amount

Facts = Mapping[str, str]
"""What is said of one table: key → text."""


@dataclass(frozen=True, slots=True)
class ClientTerms:
    """A client without its secret."""

    id: str
    brand_id: UUID
    name: str
    till: str | None
    scopes: frozenset[Scope]
    revoked: bool = False


def differences(before: Mapping[str, Facts], after: Mapping[str, Facts]) -> Iterator[Change]:
    """What turns `before` into `after`, table by table."""
    for path in dict.fromkeys((*after, *before)):
        old, new = before.get(path), after.get(path)
        if old is None or new is None:
            yield Change(path, _name(old), _name(new))
        else:
            yield from _changed(path, old, new)


def describe(directory: Directory, clients: Iterable[ClientTerms]) -> dict[str, Facts]:
    """Path of every table → its facts."""
    facts = {f"brands.{brand.code}": _brand(brand, directory) for brand in directory.brands.values()}
    facts |= {f"programs.{program.code}": _program(program, directory) for program in directory.programs.values()}
    facts |= {f"rights.{right.code}": _right(right, directory) for right in directory.listed_rights()}
    return facts | {f"clients.{client.id}": _client(client, directory) for client in clients if not client.revoked}


def _name(facts: Facts | None) -> str | None:
    return None if facts is None else facts["name"]


def _changed(path: str, old: Facts, new: Facts) -> Iterator[Change]:
    for key in dict.fromkeys((*new, *old)):
        if old.get(key) != new.get(key):
            yield Change(f"{path}.{key}", old.get(key), new.get(key))


def _brand(brand: Brand, directory: Directory) -> Facts:
    facts = {
        "name": brand.name,
        "name_zh": brand.name_zh,
        "kind": brand.kind.value,
        "parent": directory.brands[brand.parent_id].code if brand.parent_id else "none",
        "participant": directory.participant_of(brand.id).code,
        "closed": _flag(brand.closed),
    }
    if brand.is_participant:
        facts |= {"net_debit_cap": _cny(brand.net_debit_cap), "prefund": _cny(brand.prefund)}
        facts |= {"cap_warnings": ", ".join(map(str, brand.cap_warnings))}
        facts |= {"cap_warning_hours": str(brand.cap_warning_hours)}
    return facts


def _program(program: Program, directory: Directory) -> Facts:
    limits = program.limits
    return (
        {
            "name": program.name,
            "name_zh": program.name_zh,
            "brand": directory.brands[program.brand_id].code,
            "scale": str(program.scale),
            "time_zone": program.time_zone,
            "opening_value": _price(program.opening_unit_cost, program),
            "expiry": f"{program.expiry.months} months, {program.expiry.day}" if program.expiry.months else "never",
            "limits.min": format_amount(limits.amount_min, program.scale),
            "limits.max": format_amount(limits.amount_max, program.scale),
            "limits.step": format_amount(limits.amount_step, program.scale),
            "limits.member_day": format_amount(limits.member_day_max, program.scale),
            **dict(_flat("member_file", msgspec.to_builtins(program.member_file))),
            **dict(_flat("statement_file", msgspec.to_builtins(program.statement_file))),
            "tiers": ", ".join(tier.code for tier in program.tiers),
            **dict(_flat("adapter", msgspec.to_builtins(program.adapter))),
        }
        | {f"tiers.{t.code}": f"{t.name}, {t.name_zh}, level {t.level}" for t in program.tiers}
        | _rate(program)
        | _further_limits(program)
        | _other_file(program)
        | _pairs(program, directory)
    )


def _other_file(program: Program) -> dict[str, str]:
    """That the file describes another adapter than the one in force, which was approved since."""
    told = program.file_adapter
    return {} if told is None or told == program.adapter else {"adapter_in_file": adapter_digest(told).hex()[:12]}


def _pairs(program: Program, directory: Directory) -> dict[str, str]:
    """What the file says; other prices may be in force."""
    facts: dict[str, str] = {}
    for code, terms in program.file_pairs.items():
        target = directory.program(code)
        assert target is not None, "a pair names a known program"
        facts[f"pairs.{code}.sell"] = _price(terms.sell_micro, program)
        facts[f"pairs.{code}.buy"] = _price(terms.buy_micro, target)
        facts[f"pairs.{code}.fee"] = f"{terms.fee_bp}, {_cny(terms.fee_fixed_micro)}"
        facts |= {f"pairs.{code}.tiers.{t}": f"{fee.bp}, {_cny(fee.fixed_micro)}" for t, fee in terms.tier_fees.items()}
    return facts


def _further_limits(program: Program) -> dict[str, str]:
    limits = program.limits
    facts = _periods("limits.member", PeriodLimits(None, limits.member_month_max, limits.member_year_max), program, "_")
    for code, pair in limits.pairs.items():
        facts |= _periods(f"limits.pairs.{code}", pair, program, ".")
    facts |= _periods("issuance", program.issuance, program, ".")
    return facts | {"limits.cooling_off_hours": str(limits.cooling_off_hours)}


def _periods(path: str, limits: PeriodLimits, program: Program, between: str) -> dict[str, str]:
    written = {"day": limits.day, "month": limits.month, "year": limits.year}
    return {
        f"{path}{between}{key}": format_amount(amount, program.scale)
        for key, amount in written.items()
        if amount is not None
    }


def _rate(program: Program) -> dict[str, str]:
    """What the file says; another rate may be in force."""
    terms = program.file_terms
    if terms is None:
        return {}
    return {
        "rate.sell": _price(terms.sell_micro, program),
        "rate.buy": _price(terms.buy_micro, program),
        "rate.fee_bp": str(terms.fee_bp),
        "rate.fee_fixed": _cny(terms.fee_fixed_micro),
        "rate.swing_pause_bp": str(program.swing_pause_bp),
    } | {f"rate.tiers.{tier}": f"{fee.bp}, {_cny(fee.fixed_micro)}" for tier, fee in terms.tier_fees.items()}


def _flat(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every text, number and flag below a path; what is not written is not told."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(f"{path}.{key}", item)
    elif isinstance(value, (list, tuple)):
        yield path, ", ".join(str(item) for item in value)
    elif value is not None:
        yield path, str(value)


def _right(right: Right, directory: Directory) -> Facts:
    programs = directory.programs
    return {
        "name": right.name,
        "name_zh": right.name_zh,
        "kind": right.kind.value,
        "issuer": directory.brands[right.issuer_id].code,
        "honoured_by": ", ".join(directory.brands[brand].code for brand in right.honouring_ids),
        "uses": str(right.uses),
        "validity": _validity(right),
        "stock": "unlimited" if right.stock is None else str(right.stock),
        "settlement_price": _cny(right.settlement_price),
        "transferable": _flag(right.transferable),
    } | (
        {f"price.{programs[p].code}": format_amount(amount, programs[p].scale) for p, amount in right.prices.items()}
        | {f"eligibility.{programs[p].code}": tier for p, tier in right.eligibility.items()}
    )


def _validity(right: Right) -> str:
    if isinstance(right.validity, AfterGrant):
        return f"{right.validity.hours} hours"
    return f"{right.validity.first_day} to {right.validity.last_day}, {right.validity.time_zone}"


def _client(client: ClientTerms, directory: Directory) -> Facts:
    return {
        "name": client.name,
        "brand": directory.brands[client.brand_id].code,
        "till": client.till or "none",
        "scopes": ", ".join(sorted(client.scopes)),
    }


def _price(micro: int, program: Program) -> str:
    return format_amount(micro, MONEY_SCALE - program.scale)


def _cny(micro: int) -> str:
    return format_amount(micro, MONEY_SCALE)


def _flag(flag: bool) -> str:  # noqa: FBT001 - a word for a value
    return "true" if flag else "false"
