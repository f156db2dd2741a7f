"""Points that a brand keeps in its own books are neither awarded, nor burnt, nor taken for rights here."""

from brands import Applied, apply, directory
from core.database import Connection, Database
from exchange import Award, Burn, KeptByBrand, award, burn
from tests.brands.adapter_samples import REST
from tests.brands.samples import HOTEL, bend, put, put_refused, read


async def test_they_are_awarded_and_burnt_there(database: Database, superuser: Connection) -> None:
    """Refused before anything is looked up; nothing is posted."""
    assert isinstance(await apply(database, read(REST)), Applied)
    async with database.connection() as connection:
        brand = (await directory(connection)).brand("rail")
    assert brand is not None
    order = ("RAIL", "10001", 100, brand.id, "till")
    assert await award(database, Award(*order, "k-1")) == KeptByBrand("RAIL")
    assert await burn(database, Burn(*order, "k-2")) == KeptByBrand("RAIL")
    assert await superuser.fetchval("SELECT count(*) FROM ledger_transfer") == 0


async def test_they_pay_no_rights(database: Database) -> None:
    """A price in such points is refused, whether the program stands in the same files or is in force already."""
    priced = bend(HOTEL, 'price = { HOTEL = "15.5" }', 'price = { RAIL = "15.5" }')
    refusal = ["52: rights.late.price.RAIL: The brand keeps these points in its own books: they pay no rights."]
    assert await put_refused(database, priced, REST) == refusal
    await put(database, REST)
    assert await put_refused(database, priced) == refusal
