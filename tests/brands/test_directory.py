"""The directory is what is in force, at the price of one small query."""

import asyncpg
import pytest

from brands import Brand, Directory, directory
from core.database import Connection, Database
from tests.brands.samples import CAFE, HOTEL, bend, put

HONOUR_CAFE = bend(HOTEL, '["inn"]', '["inn", "cafe"]')


async def current(database: Database) -> Directory:
    async with database.connection() as connection:
        return await directory(connection)


def brand(found: Directory, code: str) -> Brand:
    known = found.brand(code)
    assert known is not None
    return known


async def test_an_empty_network(database: Database) -> None:
    """Before anything is configured there is nothing, and that is no error."""
    found = await current(database)
    assert (found.revision, found.brands, found.programs, found.rates, found.rights) == (None, {}, {}, {}, {})
    assert found.participants() == ()


async def test_codes_from_outside_may_be_unknown(database: Database) -> None:
    """They are looked up exactly as written."""
    await put(database, HOTEL)
    found = await current(database)
    assert found.brand("Hotel") is None
    assert found.program("hotel") is None
    assert found.right("") is None


async def test_ids_that_are_unknown_are_a_bug(database: Database) -> None:
    """An id that we never gave out raises."""
    await put(database, HOTEL)
    found = await current(database)
    with pytest.raises(KeyError):
        found.rate(brand(found, "hotel").id)


async def test_who_stands_below_whom(database: Database) -> None:
    """A brand's family is itself and everything below it, never beside or above it."""
    await put(database, HOTEL, CAFE)
    found = await current(database)
    codes = {
        code: {found.brands[below].code for below in found.descendants(brand(found, code).id)}
        for code in ("hotel", "inn", "inn-harbour", "cafe")
    }
    assert codes == {
        "hotel": {"hotel", "inn", "inn-harbour"},
        "inn": {"inn", "inn-harbour"},
        "inn-harbour": {"inn-harbour"},
        "cafe": {"cafe"},
    }
    assert found.root_of(brand(found, "inn-harbour").id).code == "hotel"


async def test_who_settles_for_whom(database: Database) -> None:
    """The nearest participant, itself included."""
    await put(database, HOTEL, CAFE)
    found = await current(database)
    settling = {known.code: found.participant_of(known.id).code for known in found.brands.values()}
    assert settling == {"hotel": "hotel", "inn": "hotel", "inn-harbour": "inn-harbour", "cafe": "cafe"}
    assert [participant.code for participant in found.participants()] == ["cafe", "hotel", "inn-harbour"]
    assert (brand(found, "hotel").net_debit_cap, brand(found, "hotel").prefund) == (1_000_000_000, 50_000_000)
    assert (brand(found, "inn").net_debit_cap, brand(found, "inn").is_participant) == (0, False)


async def test_programs_above_and_below(database: Database) -> None:
    """A group sees the programs below it; a store takes part in those above it."""
    await put(database, HOTEL, CAFE)
    found = await current(database)
    assert [program.code for program in found.programs_of(brand(found, "hotel").id)] == ["HOTEL"]
    assert found.programs_of(brand(found, "inn").id) == ()
    assert [program.code for program in found.programs_at(brand(found, "inn-harbour").id)] == ["HOTEL"]
    assert [program.code for program in found.programs_at(brand(found, "cafe").id)] == ["CAFE"]


async def test_who_honours_a_right(database: Database) -> None:
    """The brands that are named and everything below them, in other trees too; not those above."""
    await put(database, HONOUR_CAFE, CAFE)
    found = await current(database)
    right = found.right("late")
    assert right is not None
    honouring = {known.code for known in found.brands.values() if found.honours(right, known.id)}
    assert honouring == {"inn", "inn-harbour", "cafe"}


async def test_what_a_program_says(database: Database) -> None:
    """Amounts in minor units, prices in micro-CNY per minor unit."""
    await put(database, HOTEL)
    found = await current(database)
    program = found.program("HOTEL")
    assert program is not None
    limits = program.limits
    assert (limits.amount_min, limits.amount_max, limits.amount_step, limits.member_day_max) == (100, 5005, 5, 10_000)
    assert (program.asset, program.scale, program.opening_unit_cost) == ("HOTEL", 1, 4_000)
    assert (program.entry_tier.code, [tier.level for tier in program.tiers]) == ("plain", [1, 3])
    assert (found.rate(program.id).sell_micro, found.rate(program.id).buy_micro) == (5_000, 6_000)
    assert program.participant_id == brand(found, "hotel").id


async def test_tiers_are_found_by_what_brands_write(database: Database) -> None:
    """Code or name in either language, in any case, with spaces around."""
    await put(database, bend(HOTEL, '{ name = "Fine", level', '{ name = "Fine", name_zh = "金卡", level'))
    program = (await current(database)).program("HOTEL")
    assert program is not None
    found = [program.tier_named(text) for text in ("fine", " FINE ", "金卡", "plain", "gold", "")]
    assert [tier and tier.code for tier in found] == ["fine", "fine", "fine", "plain", None, None]
    assert program.tier("Fine") is None


async def test_it_is_kept_until_something_changes(database: Database, superuser: Connection) -> None:
    """The same value is given again; after a change every process sees the new one."""
    await put(database, HOTEL)
    first = await current(database)
    assert await current(database) is first
    await put(database, CAFE)
    second = await current(database)
    assert second.program("CAFE") is not None
    assert first.program("CAFE") is None
    assert await directory(superuser) is second


async def test_a_change_that_is_rolled_back_was_never_there(database: Database) -> None:
    """A transaction sees its own change, nobody else does, and nothing of it is kept."""
    await put(database, HOTEL)
    before = await current(database)
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as connection:
            await connection.execute("UPDATE brands_brand SET name = 'Motel' WHERE code = 'hotel'")
            await connection.execute(
                "INSERT INTO brands_revision (id, source, changes, made_at) VALUES (gen_random_uuid(), '', '[]', now())"
            )
            assert brand(await directory(connection), "hotel").name == "Motel"
            raise ZeroDivisionError
    assert await current(database) is before


async def test_the_cheap_query_is_one_index_probe(superuser: Connection) -> None:
    """However many changes there were, finding the last one reads one index entry."""
    await superuser.execute(
        "INSERT INTO brands_revision (id, source, changes, made_at)"
        " SELECT gen_random_uuid(), '', '[]', now() FROM generate_series(1, 5000)"
    )
    await superuser.execute("ANALYZE brands_revision")
    plan = await superuser.fetch("EXPLAIN SELECT id FROM brands_revision ORDER BY number DESC LIMIT 1")
    assert "Index Scan Backward using brands_revision_pkey" in plan[1]["QUERY PLAN"]


FORBIDDEN = [
    "DELETE FROM brands_brand",
    "DELETE FROM brands_program",
    "DELETE FROM brands_tier",
    "DELETE FROM brands_right",
    "DELETE FROM brands_client",
    "DELETE FROM brands_rate",
    "DELETE FROM brands_revision",
    "UPDATE brands_rate SET sell_micro = 1",
    "UPDATE brands_revision SET changes = '[]'",
    "TRUNCATE brands_revision",
]


async def test_the_application_cannot_change_history(database: Database, subtests: pytest.Subtests) -> None:
    """PostgreSQL itself refuses."""
    for statement in FORBIDDEN:
        with subtests.test(statement):
            async with database.connection() as connection:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(statement)
