"""What files say about each other and about brands already in force: names that must exist, names that must be free."""

from collections.abc import Iterator, Mapping, Sequence

from brands.config.leaves import Unfit
from brands.config.network import BrandConfig
from brands.config.problems import Path, Problems
from brands.config.rights import PricedIn, check_right_programs, priced_in
from brands.config.sections import NetworkSection, ProgramSection, RightSection
from brands.directories import Directory
from brands.program import Program


def merged(configs: Sequence[BrandConfig]) -> NetworkSection:
    """All files as one; where two say the same name, the later one stands."""
    networks = [config.network for config in configs]
    return NetworkSection(
        brands={code: section for network in networks for code, section in network.brands.items()},
        programs={code: section for network in networks for code, section in network.programs.items()},
        rights={code: section for network in networks for code, section in network.rights.items()},
        clients={code: section for network in networks for code, section in network.clients.items()},
    )


def check_twice(config: BrandConfig, earlier: Sequence[BrandConfig], problems: Problems) -> None:
    """Note what a file applied together with this one describes as well."""
    for path in _tables(config.network):
        for other in earlier:
            if path in _tables(other.network):
                problems.add(path, f"The same stands in {other.source}.")


def check_references(config: BrandConfig, known: Directory, network: NetworkSection, problems: Problems) -> None:
    """Note what the file's rights, limits and pairs name that is neither in force nor in the files applied together."""
    brands = {brand.code for brand in known.brands.values()} | network.brands.keys()
    programs = {p.code: _priced_in(p) for p in known.programs.values()}
    programs |= {code: priced_in(section) for code, section in network.programs.items()}
    for code, section in config.network.programs.items():
        for target in [target for target in section.limits.pairs if target == code or target not in programs]:
            others = [known_code for known_code in programs if known_code != code]
            problems.unknown(("programs", code, "limits", "pairs", target), "The other program", target, others)
        _check_pairs(("programs", code, "pairs"), code, section, programs, problems)
    for code, right in config.network.rights.items():
        for brand in [brand for brand in right.honoured_by if brand not in brands]:
            problems.unknown(("rights", code, "honoured_by"), "The brand", brand, brands)
        _check_programs(("rights", code), right, programs, problems)


def _check_pairs(
    path: Path, code: str, section: ProgramSection, programs: Mapping[str, PricedIn], problems: Problems
) -> None:
    for target, pair in section.pairs.items():
        if target == code or target not in programs:
            others = [known for known in programs if known != code]
            problems.unknown((*path, target), "The other program", target, others)
            continue
        try:
            section.pair_terms(pair, programs[target].scale)
        except Unfit as unfit:
            problems.add((*path, target), str(unfit))
        for tier in [tier for tier in pair.tiers if tier not in section.tiers]:
            problems.unknown((*path, target, "tiers", tier), "The tier", tier, section.tiers.keys())


def _priced_in(program: Program) -> PricedIn:
    return PricedIn(program.scale, tuple(tier.code for tier in program.tiers), program.booked_by_brand)


def _check_programs(path: Path, right: RightSection, programs: Mapping[str, PricedIn], problems: Problems) -> None:
    for key, named in (("price", right.price), ("eligibility", right.eligibility)):
        for program in [program for program in named if program not in programs]:
            problems.unknown((*path, key, program), "The program", program, programs.keys())
    check_right_programs(path, right, programs, problems)


def _tables(network: NetworkSection) -> set[Path]:
    return set(_paths(network))


def _paths(network: NetworkSection) -> Iterator[Path]:
    yield from (("brands", code) for code in network.brands)
    yield from (("programs", code) for code in network.programs)
    yield from (("rights", code) for code in network.rights)
    yield from (("clients", code) for code in network.clients)
