"""A small network with members for the tests of all packages: three brands, points with and without decimals.

The network is written here, apart from the examples, so that amounts worked out by hand stay true. Per point and in
CNY:  HOTEL sells at 0.05 with a fee of 1 %, bought at 0.06;  MILES 0.06, 1.5 %, 0.075;  BEANS (two decimals) 0.09,
2 %, 0.10. So 3,000 HOTEL are worth 150.00, less 1.50: 1,980 MILES exactly, or 1,485.00 BEANS exactly.

    from tests.network import Network, load_network

    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 3_000, "MILES": 0})
    ann.id, ann.cards["HOTEL"].id, ann.cards["HOTEL"].number
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from brands import Applied, BrandConfig, Directory, Program, apply_all, directory, parse_network
from brands.accounts import issued_account, points_account, position_account
from core.codes import Code
from core.database import Database
from core.ids import new_id
from ledger import LotTerms, Transfer, balances, post
from members import Membership, memberships_by_id

HOTEL: Final = """
[brands.hotel]
name = "Hotel"
name_zh = "酒店"
kind = "group"
participant = true
net_debit_cap = "100000.00"

[brands.hotel-lake]
name = "Hotel by the Lake"
name_zh = "湖畔酒店"
kind = "store"
parent = "hotel"

[brands.hotel-franchise]
name = "Franchised hotel"
name_zh = "特许酒店"
kind = "dealer"
parent = "hotel"
participant = true
net_debit_cap = "1000.00"

[programs.HOTEL]
name = "Hotel points"
name_zh = "酒店积分"
brand = "hotel"
scale = 0
time_zone = "Asia/Shanghai"
opening_value = "0.0400"
tiers.base = { name = "Base", name_zh = "普卡", level = 1 }
tiers.gold = { name = "Gold", name_zh = "金卡", level = 3 }
expiry = { months = 24, day = "month_end" }
rate = { sell = "0.0500", buy = "0.0600", fee_bp = 100 }
limits = { min = 1000, max = 200000, step = 100, member_day = 300000 }

[rights.lounge]
name = "Lounge visit"
name_zh = "贵宾厅"
kind = "visit"
issuer = "hotel"
honoured_by = ["airline"]
price = { HOTEL = 2000, MILES = 1500 }
validity = { hours = 72 }
stock = 10
settlement_price = "80.00"

[rights.late-check-out]
name = "Late check-out"
name_zh = "延迟退房"
kind = "visit"
issuer = "hotel"
honoured_by = ["hotel"]
eligibility = { HOTEL = "gold" }
validity = { hours = 720 }
settlement_price = "0.00"

[clients.hotel-crm]
name = "Member system"
brand = "hotel"
scopes = [
  "programs:read", "members:read", "members:write", "awards:write", "exchanges:read", "rights:read", "statements:read",
]
"""

AIRLINE: Final = """
[brands.airline]
name = "Airline"
name_zh = "航空"
kind = "brand"
participant = true
net_debit_cap = "100000.00"

[brands.airline-lounge]
name = "Airline lounge"
name_zh = "航空贵宾厅"
kind = "store"
parent = "airline"

[programs.MILES]
name = "Miles"
name_zh = "里程"
brand = "airline"
scale = 0
time_zone = "Asia/Shanghai"
opening_value = "0.0500"
tiers = { base = { name = "Base", name_zh = "行者", level = 1 } }
expiry = { months = 36, day = "year_end" }
rate = { sell = "0.0600", buy = "0.0750", fee_bp = 150 }
limits = { min = 500, max = 100000, step = 10, member_day = 150000 }

[clients.airline-door]
name = "Lounge door"
brand = "airline-lounge"
till = "door"
scopes = ["rights:read", "rights:redeem"]
"""

COFFEE: Final = """
[brands.coffee]
name = "Coffee"
name_zh = "咖啡"
kind = "brand"
participant = true
net_debit_cap = "100000.00"

[brands.coffee-corner]
name = "Coffee on the corner"
name_zh = "街角咖啡"
kind = "store"
parent = "coffee"

[programs.BEANS]
name = "Beans"
name_zh = "咖豆"
brand = "coffee"
scale = 2
time_zone = "Asia/Shanghai"
opening_value = "0.0800"
tiers = { base = { name = "Base", name_zh = "新芽", level = 1 } }
expiry = { months = 12, day = "same_day" }
rate = { sell = "0.0900", buy = "0.1000", fee_bp = 200 }
limits = { min = "50.00", max = "5000.00", step = "0.50", member_day = "8000.00" }

[rights.card]
name = "Ten coffees"
name_zh = "咖啡十次卡"
kind = "visit_card"
uses = 10
issuer = "coffee"
honoured_by = ["coffee", "hotel"]
price = { BEANS = "500.00" }
validity = { hours = 4320 }
settlement_price = "15.00"

[clients.coffee-till]
name = "First till"
brand = "coffee-corner"
till = "1"
scopes = ["members:read", "awards:write", "rights:read", "rights:redeem"]
"""

_RECORDS: Final = """
INSERT INTO members_record (id, source, member_id, wrapped_key, sealed_profile, created_at)
SELECT id, 'program:' || code, member_id, '', '', '2025-06-01Z'
FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS card (id, code, member_id)
"""

_MEMBERSHIPS: Final = """
INSERT INTO members_membership (id, program_id, number, tier, status, enrolled_on, opening_amount, row_digest)
SELECT *, 'active', $5, 0, '' FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[])
"""


@dataclass(frozen=True, slots=True)
class Person:
    """A member and their cards."""

    id: UUID
    cards: Mapping[str, Membership]
    """By program code."""


@dataclass(frozen=True, slots=True)
class Network:
    """A loaded network."""

    database: Database
    directory: Directory

    def program(self, code: str) -> Program:
        """The program called `code`."""
        found = self.directory.program(code)
        assert found is not None
        return found

    def brand_id(self, code: str) -> UUID:
        """The id of the brand called `code`."""
        found = self.directory.brand(code)
        assert found is not None
        return found.id

    async def enrol(
        self, points: Mapping[str, int], *, expires_at: datetime | None = None, tier: str | None = None
    ) -> Person:
        """A new member with a card of each program, holding these minor units (none for 0)."""
        return (await self.enrol_many(1, points, expires_at=expires_at, tier=tier))[0]

    async def enrol_many(
        self,
        count: int,
        points: Mapping[str, int],
        *,
        expires_at: datetime | None = None,
        tier: str | None = None,
    ) -> list[Person]:
        """As many new members, all alike. They are written straight into the tables: tests of others need no keys."""
        programs = [self.program(code) for code in points]
        ids = [[new_id() for _ in programs] for _ in range(count)]
        async with self.database.transaction() as connection:
            cards = [(card, program, own[0]) for own in ids for card, program in zip(own, programs, strict=True)]
            card_ids = [card for card, _, _ in cards]
            await connection.execute(
                _RECORDS, card_ids, [program.code for _, program, _ in cards], [owner for _, _, owner in cards]
            )
            await connection.execute(
                _MEMBERSHIPS,
                card_ids,
                [program.id for _, program, _ in cards],
                [card.hex.upper()[-16:] for card in card_ids],
                [tier or program.entry_tier.code for _, program, _ in cards],
                date(2025, 6, 1),
            )
            found = await memberships_by_id(connection, card_ids)
        await self.give([(card, program.code, points[program.code]) for card, program, _ in cards], expires_at)
        return [Person(own[0], {p.code: found[card] for card, p in zip(own, programs, strict=True)}) for own in ids]

    async def give(self, gifts: Sequence[tuple[UUID, str, int]], expires_at: datetime | None = None) -> None:
        """Open balances: (membership id, program code, minor units)."""
        accounts = [
            account
            for card, code, _ in gifts
            for account in (issued_account(self.program(code)), points_account(card, self.program(code)))
        ]
        transfers = [
            Transfer(
                new_id(),
                issued_account(self.program(code)).id,
                points_account(card, self.program(code)).id,
                amount,
                Code.OPENING,
                lot=LotTerms(expires_at=expires_at),
            )
            for card, code, amount in gifts
            if amount
        ]
        async with self.database.transaction() as connection:
            outcomes = await post(connection, transfers, accounts=accounts, clock=self.database.clock)
        assert all(outcome.ok for outcome in outcomes), outcomes

    async def points(self, person: Person) -> dict[str, int]:
        """What a person's accounts hold, by program code; expired points that were not swept included."""
        accounts = {code: points_account(card.id, self.program(code)).id for code, card in person.cards.items()}
        async with self.database.connection() as connection:
            found = await balances(connection, list(accounts.values()))
        return {code: found[account].net_credit for code, account in accounts.items()}

    async def positions(self) -> dict[str, int]:
        """Each participant's position in micro-CNY, positive when the network owes it; without the operator's."""
        accounts = {brand.code: position_account(brand).id for brand in self.directory.participants()}
        async with self.database.connection() as connection:
            found = await balances(connection, list(accounts.values()))
        return {code: found[account].net_credit for code, account in accounts.items()}


async def load_network(database: Database, files: Sequence[str] = (HOTEL, AIRLINE, COFFEE)) -> Network:
    """Put the network into force."""
    configs = [parse_network(content.encode()) for content in files]
    applied = await apply_all(database, [config for config in configs if isinstance(config, BrandConfig)])
    assert isinstance(applied, Applied), (configs, applied)
    async with database.connection() as connection:
        return Network(database, await directory(connection))


NOON: Final = datetime(2026, 1, 15, 4, tzinfo=UTC)
"""Where the fixture `clock` stands: noon in Shanghai."""
