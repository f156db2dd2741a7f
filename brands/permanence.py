"""What a network file may not change once it is in force: books already kept depend on it."""

from brands.brand import Brand
from brands.config.network import BrandConfig
from brands.config.problems import Path, Problems
from brands.config.sections import ProgramSection, RightSection
from brands.directories import Directory
from brands.program import Program
from brands.resolving import InForce, participant_code
from brands.right import Right


def check_permanence(config: BrandConfig, now: InForce, problems: Problems) -> None:
    """Note every change that is refused."""
    _check_brands(config, now.directory, problems)
    _check_programs(config, now.directory, problems)
    _check_rights(config, now.directory, problems)
    for identifier, client in now.clients.items():
        if identifier in config.network.clients:
            _check_owner(("clients", identifier), config, now.directory.root_of(client.brand_id), problems)


def _check_brands(config: BrandConfig, known: Directory, problems: Problems) -> None:
    for code in config.network.brands:
        if found := known.brand(code):
            _check_brand(config, found, known, problems)
    for brand in _family(config, known):
        if brand.code not in config.network.brands:
            problems.add(("brands", brand.code), "The brand is missing: it is never removed; write closed = true.")


def _check_programs(config: BrandConfig, known: Directory, problems: Problems) -> None:
    for code, section in config.network.programs.items():
        if kept := known.program(code):
            _check_program(("programs", code), section, kept, known, problems)
    family = {brand.id for brand in _family(config, known)}
    for program in known.programs.values():
        if program.brand_id in family and program.code not in config.network.programs:
            problems.add(("programs", program.code), "The program is missing: members hold its points, so it stays.")


def _check_rights(config: BrandConfig, known: Directory, problems: Problems) -> None:
    for right in known.rights.values():
        if section := config.network.rights.get(right.code):
            _check_right(("rights", right.code), section, right, known, problems)


def _check_brand(config: BrandConfig, found: Brand, known: Directory, problems: Problems) -> None:
    root, path = known.root_of(found.id), ("brands", found.code)
    before, after = known.participant_of(found.id).code, participant_code(found.code, config.network.brands)
    if root.code != config.root:
        _check_owner(path, config, root, problems)
    elif before != after:
        problems.add((*path, "participant"), f"{before} settles for {found.code}; that cannot pass to {after}.")


def _check_program(path: Path, section: ProgramSection, kept: Program, known: Directory, problems: Problems) -> None:
    owner = known.brands[kept.brand_id].code
    if section.brand != owner:
        problems.add((*path, "brand"), f"The program belongs to {owner}; it cannot pass to {section.brand}.")
    if section.scale != kept.scale:
        problems.add((*path, "scale"), f"Points are kept with {kept.scale} decimals; that never changes.")
    if section.time_zone != kept.time_zone:
        problems.add((*path, "time_zone"), f"The books are kept by the days of {kept.time_zone}; that never changes.")
    if section.adapter.book_of_record is not kept.adapter.book_of_record:
        where = "the brand's own books" if kept.booked_by_brand else "our ledger"
        problems.add((*path, "adapter"), f"Members have their points in {where}; that never changes.")
    for tier in kept.tiers:
        if tier.code not in section.tiers:
            problems.add((*path, "tiers"), f"The tier {tier.code} is missing: members may hold it, so it stays.")


def _check_right(path: Path, section: RightSection, right: Right, known: Directory, problems: Problems) -> None:
    issuer = known.brands[right.issuer_id].code
    if section.issuer != issuer:
        problems.add((*path, "issuer"), f"The right belongs to {issuer}; it cannot pass to {section.issuer}.")
    if section.kind is not right.kind:
        problems.add((*path, "kind"), f"Members hold it as a {right.kind}; that never changes.")


def _check_owner(path: Path, config: BrandConfig, root: Brand, problems: Problems) -> None:
    if root.code != config.root:
        problems.add(path, f"This belongs to the network file of {root.code}; it cannot pass to {config.root}.")


def _family(config: BrandConfig, known: Directory) -> list[Brand]:
    """The brands in force under the file's root."""
    root = known.brand(config.root)
    return [known.brands[identifier] for identifier in known.descendants(root.id)] if root else []
