"""Certifications in the graph: a brand sees its own programs' runs, staff see all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

import brands
from brands import Scope as BrandScope
from brands.certifications import Certification, adapter_digest, record
from core.database import Connection, Database
from core.ids import new_id
from schema.scopes import Role
from tests.network import Network
from tests.server import Api, Server

RUNS = (
    "query ($program: String!) { certifications(program: $program) { certifiedBy passed ready inForce reportDigest } }"
)
FINISHED = datetime(2026, 1, 15, 4, tzinfo=UTC)


async def keep(database: Database) -> None:
    """Three runs: one that failed, one with another configuration, and the one that is in force."""
    async with database.connection() as connection:
        program = (await brands.directory(connection)).program("HOTEL")
    assert program is not None
    run = Certification(
        id=new_id(),
        program_id=program.id,
        certified_by="lin.wei",
        started_at=FINISHED - timedelta(minutes=1),
        finished_at=FINISHED,
        passed=40,
        failed=0,
        skipped=10,
        undecided=0,
        report_digest=bytes(32),
        adapter_digest=adapter_digest(program.adapter),
    )
    hour = timedelta(hours=1)
    other = replace(run, id=new_id(), adapter_digest=bytes(32), finished_at=FINISHED + hour)
    failed = replace(run, id=new_id(), failed=1, finished_at=FINISHED + 2 * hour)
    async with database.transaction() as connection:
        for each in (run, other, failed):
            await record(connection, each)


async def test_runs_are_listed_latest_first(api: Api, server: Server, network: Network, database: Database) -> None:
    await keep(database)
    staff = server.tokens.staff("lin.wei", Role.AUDITOR)
    own = server.tokens.brand(network.brand_id("hotel"), {BrandScope.PROGRAMS_READ})
    for token in (staff, own):
        runs = (await api.ask(RUNS, token, program="HOTEL")).data["certifications"]
        assert [(run["ready"], run["inForce"]) for run in runs] == [(False, False), (True, False), (True, True)]
        assert (runs[0]["certifiedBy"], runs[0]["passed"], runs[0]["reportDigest"]) == ("lin.wei", 40, "00" * 32)


async def test_another_brand_sees_nothing(api: Api, server: Server, network: Network, database: Database) -> None:
    await keep(database)
    other = server.tokens.brand(network.brand_id("airline"), {BrandScope.PROGRAMS_READ})
    assert (await api.ask(RUNS, other, program="HOTEL")).data["certifications"] == []
    assert (await api.ask(RUNS, other, program="NOWHERE")).data["certifications"] == []


async def test_runs_are_read_while_a_later_release_migrates(
    api: Api, server: Server, network: Network, database: Database, superuser: Connection
) -> None:
    """A column that this release does not know is none of its business."""
    del network
    await keep(database)
    await superuser.execute("ALTER TABLE brands_certification ADD COLUMN told_later jsonb")
    runs = (await api.ask(RUNS, server.tokens.staff("lin.wei", Role.AUDITOR), program="HOTEL")).data["certifications"]
    await superuser.execute("ALTER TABLE brands_certification DROP COLUMN told_later")
    assert len(runs) >= 3


async def test_runs_are_kept_for_ever(network: Network, database: Database) -> None:
    """The application can neither change nor remove one."""
    del network
    await keep(database)
    for statement in ("UPDATE brands_certification SET failed = 0", "DELETE FROM brands_certification"):
        async with database.connection() as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
