"""From what files say to what is to be in force: references resolved, ids kept, everything else left as it was."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from brands.adapter.adapter import Adapter
from brands.brand import Brand
from brands.config.sections import (
    BrandSection,
    ClientSection,
    NetworkSection,
    ProgramSection,
    RightSection,
    TierSection,
    ValiditySection,
)
from brands.describing import ClientTerms
from brands.directories import Directory
from brands.expiry import ExpiryRule
from brands.program import ExchangeLimits, Program, Tier
from brands.rate import CONFIGURATION, Rate, dated
from brands.right import AfterGrant, FixedDates, Right, Validity
from core.amounts import parse_amount
from core.ids import new_id

Brands = Mapping[str, Brand]
Programs = Mapping[str, Program]


@dataclass(frozen=True, slots=True)
class InForce:
    """What is, or is to be, in force."""

    directory: Directory
    clients: Mapping[str, ClientTerms]
    """By id, with the revoked ones: their ids stay taken."""


def resolve(network: NetworkSection, now: InForce, instant: datetime) -> InForce:
    """What is to be in force from `instant`. The references in `network` are known to hold."""
    known = now.directory
    brands = {brand.code: brand for brand in known.brands.values()} | _brands(network.brands, known)
    programs = {program.code: program for program in known.programs.values()}
    scales = {code: program.scale for code, program in programs.items()}
    scales |= {code: section.scale for code, section in network.programs.items()}
    programs |= {code: _program(code, section, brands, known, scales) for code, section in network.programs.items()}
    rates = [rate for timeline in known.prices.timelines.values() for rate in timeline]
    rates += _first_rates(programs, known, instant)
    roots = {brands[code].id for code, section in network.brands.items() if section.parent is None}
    rights = dict(known.rights) | {right.id: right for right in _withdrawn(known, roots)}
    rights |= {right.id: right for right in _rights(network.rights, brands, programs, known)}
    clients = dict(now.clients) | {client.id: client for client in _revoked(now, roots)}
    clients |= {code: _client(code, section, brands) for code, section in network.clients.items()}
    directory = Directory.of(
        known.revision,
        brands.values(),
        programs.values(),
        rates,
        rights.values(),
        known.models,
        known.prices.pauses,
        read_at=instant,
    )
    return InForce(directory, clients)


def participant_code(code: str, brands: Mapping[str, BrandSection]) -> str:
    """The nearest brand above `code`, or itself, that settles."""
    parent = brands[code].parent
    return code if brands[code].participant or parent is None else participant_code(parent, brands)


def _brands(sections: Mapping[str, BrandSection], known: Directory) -> dict[str, Brand]:
    known_ids = {code: found.id for code in sections if (found := known.brand(code))}
    ids = {code: known_ids.get(code) or new_id() for code in sections}
    return {
        code: Brand(
            id=ids[code],
            code=code,
            name=section.name,
            name_zh=section.name_zh or section.name,
            kind=section.kind,
            parent_id=ids[section.parent] if section.parent else None,
            participant_id=ids[participant_code(code, sections)],
            net_debit_cap=section.net_debit_cap or 0,
            prefund=section.prefund or 0,
            closed=section.closed,
            cap_warnings=tuple(sorted(set(section.cap_warnings))),
            cap_warning_hours=section.cap_warning_hours,
        )
        for code, section in sections.items()
    }


def _program(
    code: str, section: ProgramSection, brands: Brands, known: Directory, scales: Mapping[str, int]
) -> Program:
    found = known.program(code)
    return Program(
        id=found.id if found else new_id(),
        code=code,
        name=section.name,
        name_zh=section.name_zh or section.name,
        brand_id=brands[section.brand].id,
        participant_id=brands[section.brand].participant_id,
        scale=section.scale,
        time_zone=section.time_zone,
        tiers=tuple(_tier(tier, terms) for tier, terms in section.tiers.items()),
        expiry=ExpiryRule(section.expiry.months, section.expiry.day),
        limits=_limits(section),
        adapter=_adapter(section, found),
        file_adapter=section.adapter,
        opening_unit_cost=section.price(section.opening_value),
        member_file=section.member_file,
        statement_file=section.statement_file,
        file_terms=section.terms(),
        file_pairs={target: section.pair_terms(pair, scales[target]) for target, pair in section.pairs.items()},
        swing_pause_bp=section.rate.swing_pause_bp,
        issuance=section.periods(section.issuance),
    )


def _adapter(section: ProgramSection, known: Program | None) -> Adapter:
    """A file's word counts when it changes: what was approved since is not undone by applying the same file again."""
    return known.adapter if known is not None and known.file_adapter == section.adapter else section.adapter


def _tier(code: str, section: TierSection) -> Tier:
    return Tier(code, section.name, section.name_zh or section.name, section.level)


def _limits(section: ProgramSection) -> ExchangeLimits:
    limits = section.limits
    least, most, step, day = map(section.points, (limits.min, limits.max, limits.step, limits.member_day))
    month, year = (None if text is None else section.points(text) for text in (limits.member_month, limits.member_year))
    pairs = {code: section.periods(pair) for code, pair in limits.pairs.items()}
    return ExchangeLimits(least, most, step, day, month, year, pairs, limits.cooling_off_hours)


def _first_rates(programs: Programs, known: Directory, instant: datetime) -> Iterator[Rate]:
    """Of programs without any: nobody relies on another price yet, so the file's word is enough."""
    for program in programs.values():
        if program.id not in known.rates and program.file_terms is not None:
            yield dated(
                program.file_terms,
                program_id=program.id,
                version=1,
                valid_from=instant,
                submitted_by=CONFIGURATION,
                approved_by=CONFIGURATION,
            )


def _withdrawn(known: Directory, roots: set[UUID]) -> Iterator[Right]:
    """Every right of these trees: those still listed replace it."""
    for right in known.listed_rights():
        if known.root_of(right.issuer_id).id in roots:
            yield replace(right, withdrawn=True)


def _revoked(now: InForce, roots: set[UUID]) -> Iterator[ClientTerms]:
    """Every client of these trees: those still named replace it."""
    for client in now.clients.values():
        if now.directory.root_of(client.brand_id).id in roots:
            yield replace(client, revoked=True)


def _rights(
    sections: Mapping[str, RightSection], brands: Brands, programs: Programs, known: Directory
) -> Iterator[Right]:
    ids = {right.code: right.id for right in known.rights.values()}
    for code, section in sections.items():
        yield Right(
            id=ids.get(code) or new_id(),
            code=code,
            name=section.name,
            name_zh=section.name_zh or section.name,
            kind=section.kind,
            issuer_id=brands[section.issuer].id,
            honouring_ids=tuple(brands[brand].id for brand in sorted(section.honoured_by)),
            prices={programs[p].id: parse_amount(text, programs[p].scale) for p, text in section.price.items()},
            uses=section.uses,
            validity=_validity(section.validity),
            stock=section.stock,
            settlement_price=section.settlement_price,
            transferable=section.transferable,
            eligibility={programs[p].id: tier for p, tier in section.eligibility.items()},
        )


def _validity(section: ValiditySection) -> Validity:
    if section.first_day and section.last_day and section.time_zone:
        return FixedDates(section.first_day, section.last_day, section.time_zone)
    return AfterGrant(section.hours or 0)


def _client(code: str, section: ClientSection, brands: Brands) -> ClientTerms:
    return ClientTerms(code, brands[section.brand].id, section.name, section.till, frozenset(section.scopes))
