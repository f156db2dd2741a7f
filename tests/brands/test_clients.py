"""Brands' machines prove who they are with a secret of which we keep only a hash."""

import pytest

from brands import Applied, ConfigRefused, Scope, apply_all
from brands.clients import authenticate, client, rotate_secret, verify_secret
from core.database import Connection, Database
from tests.brands.samples import CAFE, HOTEL, bend, put, read

GIVEN = "a secret given by the installation"


async def applied(database: Database, text: str, **secrets: str) -> Applied:
    names = {name.replace("_", "-"): secret for name, secret in secrets.items()}
    found = await apply_all(database, [read(text)], secrets=names)
    assert isinstance(found, Applied), found.message
    return found


async def accepts(database: Database, client_id: str, secret: str) -> bool:
    async with database.connection() as connection:
        return await authenticate(connection, client_id, secret) is not None


async def test_a_new_client_gets_a_secret_once(database: Database, superuser: Connection) -> None:
    """It opens the door, stands nowhere in the tables, and is never shown again."""
    made = {found.client_id: found.secret for found in (await put(database, HOTEL)).secrets}
    assert made.keys() == {"hotel-crm", "harbour-desk"}
    assert await accepts(database, "harbour-desk", made["harbour-desk"])
    assert not await accepts(database, "harbour-desk", made["hotel-crm"])
    assert not await accepts(database, "harbour-desk", "")
    assert not await accepts(database, "nobody", made["harbour-desk"])
    rows = await superuser.fetch("SELECT client::text AS row FROM brands_client AS client")
    assert not any(secret in row["row"] for secret in made.values() for row in rows)
    assert (await put(database, HOTEL)).secrets == ()


async def test_what_is_known_of_a_client(database: Database) -> None:
    """Its brand, its till and its scopes."""
    await put(database, HOTEL)
    async with database.connection() as connection:
        desk, crm = await client(connection, "harbour-desk"), await client(connection, "hotel-crm")
        brand = await connection.fetchval("SELECT id FROM brands_brand WHERE code = 'inn-harbour'")
    assert desk is not None
    assert crm is not None
    assert (desk.id, desk.brand_id, desk.name, desk.till) == ("harbour-desk", brand, "Desk", "desk-1")
    assert (desk.scopes, crm.scopes, crm.till) == (
        frozenset({Scope.RIGHTS_REDEEM}),
        frozenset({Scope.MEMBERS_READ, Scope.AWARDS_WRITE}),
        None,
    )


@pytest.mark.parametrize("client_id", ["nobody", "", "a\0b", "x" * 100_000, "é"])
async def test_an_id_that_nobody_has(database: Database, client_id: str) -> None:
    """Whatever is sent as an id, the answer is no."""
    async with database.connection() as connection:
        assert await client(connection, client_id) is None
        assert await authenticate(connection, client_id, "\ud800") is None


async def test_a_given_secret_is_used_and_not_shown(database: Database) -> None:
    """The same secret again changes nothing; another one is a change."""
    first = await applied(database, HOTEL, harbour_desk=GIVEN)
    assert [made.client_id for made in first.secrets] == ["hotel-crm"]
    assert await accepts(database, "harbour-desk", GIVEN)
    assert await applied(database, HOTEL, harbour_desk=GIVEN) == Applied(())
    renewed = await applied(database, HOTEL, harbour_desk=GIVEN[::-1])
    assert [str(change) for change in renewed.changes] == ["clients.harbour-desk.secret: another → the one given"]
    assert not await accepts(database, "harbour-desk", GIVEN)
    assert await accepts(database, "harbour-desk", GIVEN[::-1])


async def test_a_secret_for_a_client_of_another_file_is_left_alone(database: Database) -> None:
    """An installation may give its secrets with every file."""
    await put(database, HOTEL)
    assert (await applied(database, CAFE, harbour_desk=GIVEN)).secrets == ()
    assert not await accepts(database, "harbour-desk", GIVEN)


async def test_a_short_secret_is_refused(database: Database) -> None:
    """It could be guessed."""
    found = await apply_all(database, [read(HOTEL)], secrets={"hotel-crm": "123456789012345"})
    assert isinstance(found, ConfigRefused)
    assert found.message == "clients.hotel-crm: A secret has at least 16 characters."


async def test_a_client_taken_from_the_file_is_revoked_and_returns_with_a_new_secret(database: Database) -> None:
    """The old secret never opens the door again."""
    await applied(database, HOTEL, harbour_desk=GIVEN)
    without = HOTEL[: HOTEL.index("[clients.harbour-desk]")]
    assert [str(change) for change in (await put(database, without)).changes] == [
        "clients.harbour-desk: removed (Desk)"
    ]
    assert not await accepts(database, "harbour-desk", GIVEN)
    async with database.connection() as connection:
        assert await client(connection, "harbour-desk") is None
    assert await rotate_secret(database, "harbour-desk") is None
    assert await put(database, without) == Applied(())
    back = await put(database, HOTEL)
    assert [made.client_id for made in back.secrets] == ["harbour-desk"]
    assert not await accepts(database, "harbour-desk", GIVEN)
    assert await accepts(database, "harbour-desk", back.secrets[0].secret)


async def test_the_clients_of_a_closed_brand_are_shut_out(database: Database) -> None:
    """Until it opens again."""
    await applied(database, HOTEL, harbour_desk=GIVEN)
    await put(database, bend(HOTEL, 'kind = "dealer"', 'kind = "dealer"\nclosed = true'))
    assert not await accepts(database, "harbour-desk", GIVEN)
    await put(database, HOTEL)
    assert await accepts(database, "harbour-desk", GIVEN)


async def test_a_rotated_secret_replaces_the_old_one_at_once(database: Database) -> None:
    """Of one client only."""
    await applied(database, HOTEL, harbour_desk=GIVEN, hotel_crm=GIVEN)
    secret = await rotate_secret(database, "harbour-desk")
    assert secret is not None
    assert await accepts(database, "harbour-desk", secret)
    assert not await accepts(database, "harbour-desk", GIVEN)
    assert await accepts(database, "hotel-crm", GIVEN)
    assert await rotate_secret(database, "nobody") is None


async def test_secrets_are_not_shown_by_accident(database: Database) -> None:
    """Neither a log line nor a traceback shows a secret or its hash."""
    made = (await put(database, HOTEL)).secrets
    assert made[0].secret not in repr(made)
    async with database.connection() as connection:
        found = await client(connection, "hotel-crm")
    assert found is not None
    assert "scrypt" not in repr(found)
    assert not verify_secret(found, "scrypt")
