"""Everything that is configured, in one value with its own look-ups."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from brands.brand import Brand
from brands.prices import Pause, Prices
from brands.program import Program
from brands.rate import Rate
from brands.right import Right
from brands.settlement_models import SettlementModels


@dataclass(frozen=True, slots=True)
class Directory:
    """All brands, programs, current rates and rights, as of one instant.

    By code, what is unknown is None: codes come from outside. By id, what is unknown raises KeyError: ids are ours.
    """

    revision: UUID | None
    """The latest change: another one after each; None: nothing was ever configured."""
    brands: Mapping[UUID, Brand]
    programs: Mapping[UUID, Program]
    rates: Mapping[UUID, Rate]
    """The latest rate that had begun when the directory was read, by program id: for display and estimates."""
    rights: Mapping[UUID, Right]
    """Withdrawn ones too, for the grants in being."""
    _brand_ids: Mapping[str, UUID]
    _program_ids: Mapping[str, UUID]
    _right_ids: Mapping[str, UUID]
    _families: Mapping[UUID, frozenset[UUID]]
    models: SettlementModels
    """Who settles in which model."""
    prices: Prices = field(default_factory=lambda: Prices.of(()))
    """What is in force at which instant."""

    @classmethod
    def of(
        cls,
        revision: UUID | None,
        brands: Iterable[Brand],
        programs: Iterable[Program],
        rates: Iterable[Rate],
        rights: Iterable[Right],
        models: SettlementModels | None = None,
        pauses: Iterable[Pause] = (),
        *,
        read_at: datetime | None = None,
    ) -> "Directory":
        """Index the values. `rates` are those of all instants; without `read_at`: at most one per program or pair."""
        prices = Prices.of(rates, pauses)
        by_id = {brand.id: brand for brand in brands}
        program_by_id = {program.id: program for program in programs}
        right_by_id = {right.id: right for right in rights}
        return cls(
            revision,
            by_id,
            program_by_id,
            _begun(prices, read_at),
            right_by_id,
            {brand.code: brand.id for brand in by_id.values()},
            {program.code: program.id for program in program_by_id.values()},
            {right.code: right.id for right in right_by_id.values() if not right.withdrawn},
            _families(by_id),
            models or SettlementModels(),
            prices,
        )

    def brand(self, code: str) -> Brand | None:
        """The brand called `code`."""
        found = self._brand_ids.get(code)
        return None if found is None else self.brands[found]

    def program(self, code: str) -> Program | None:
        """The program called `code`."""
        found = self._program_ids.get(code)
        return None if found is None else self.programs[found]

    def right(self, code: str) -> Right | None:
        """The right called `code`, unless it was withdrawn."""
        found = self._right_ids.get(code)
        return None if found is None else self.rights[found]

    def rate(self, program_id: UUID) -> Rate:
        """The rate that was in force when the directory was read; to the instant: `prices.rate`."""
        return self.rates[program_id]

    def descendants(self, brand_id: UUID) -> frozenset[UUID]:
        """The brand itself and everything below it."""
        return self._families[brand_id]

    def participant_of(self, brand_id: UUID) -> Brand:
        """The brand that settles for `brand_id`."""
        return self.brands[self.brands[brand_id].participant_id]

    def root_of(self, brand_id: UUID) -> Brand:
        """The brand at the root of the tree: its network file describes all of the tree."""
        brand = self.brands[brand_id]
        return brand if brand.parent_id is None else self.root_of(brand.parent_id)

    def settlement_model(self, payer_id: UUID, payee_id: UUID) -> str:
        """The model in which what two participants accept now is settled."""
        return self.models.between(payer_id, payee_id)

    def participants(self) -> tuple[Brand, ...]:
        """The brands that settle, by code. The operator settles too and is not among them."""
        found = (brand for brand in self.brands.values() if brand.is_participant)
        return tuple(sorted(found, key=lambda brand: brand.code))

    def programs_of(self, brand_id: UUID) -> tuple[Program, ...]:
        """The programs of a brand and of everything below it, by code."""
        family = self._families[brand_id]
        found = (program for program in self.programs.values() if program.brand_id in family)
        return tuple(sorted(found, key=lambda program: program.code))

    def programs_at(self, brand_id: UUID) -> tuple[Program, ...]:
        """The programs that a store takes part in: those of the brand itself and of every brand above it, by code."""
        found = (program for program in self.programs.values() if brand_id in self._families[program.brand_id])
        return tuple(sorted(found, key=lambda program: program.code))

    def listed_rights(self) -> tuple[Right, ...]:
        """The rights that are not withdrawn, by code."""
        return tuple(self.rights[self._right_ids[code]] for code in sorted(self._right_ids))

    def honours(self, right: Right, brand_id: UUID) -> bool:
        """Whether the brand, or one above it, is among those that honour the right."""
        return any(brand_id in self._families[above] for above in right.honouring_ids)


def _begun(prices: Prices, instant: datetime | None) -> dict[UUID, Rate]:
    """Of each program the rate in force at `instant`, or else the last one."""
    return {
        program_id: next((rate for rate in rates if instant and rate.holds_at(instant)), rates[0])
        for (program_id, target_id), rates in prices.timelines.items()
        if target_id is None
    }


def _families(brands: Mapping[UUID, Brand]) -> dict[UUID, frozenset[UUID]]:
    families: dict[UUID, set[UUID]] = {identifier: {identifier} for identifier in brands}
    for brand in brands.values():
        above = brand.parent_id
        while above is not None:
            families[above].add(brand.id)
            above = brands[above].parent_id
    return {identifier: frozenset(family) for identifier, family in families.items()}
