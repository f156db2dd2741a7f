"""The conformance suite against our own ledger: what is asked of brands, the platform keeps too."""

from pathlib import Path

from adapters.brand_systems.registry import open_brand_systems
from adapters.certification.suite import run
from adapters.certification.trial import Trial
from adapters.certification.verdict import Outcome
from core.database import Connection, Database
from exchange.brand_system import MemberReference
from tests.adapters.certification.stage import ended
from tests.network import load_network


async def test_the_platform_passes(database: Database, superuser: Connection, tmp_path: Path) -> None:
    """Nothing fails, nothing is open, and the member has what they had."""
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 5_000})
    program = network.directory.program("HOTEL")
    assert program is not None
    card = ann.cards["HOTEL"]
    async with open_brand_systems(database, tmp_path, {}) as systems:
        trial = Trial(
            system=systems.of(program),
            member=MemberReference(card.number),
            clock=database.clock,
            scale=program.scale,
            tiers=frozenset(tier.code for tier in program.tiers),
        )
        results = {result.code: result for result in await run(trial, systems)}
        balance = await systems.of(program).balance(MemberReference(card.number))
    assert ended(results, Outcome.FAILED) == {}
    assert ended(results, Outcome.OPEN) == {}
    passed, skipped = ended(results, Outcome.PASSED), ended(results, Outcome.SKIPPED)
    assert {"list", "list-order", "statement", "clock", "credit-once", "reverse-parts"} <= passed.keys()
    groups = {"Members", "Amounts", "Inquiries", "Holds", "Disturbances", "Webhooks"}
    assert {results[code].group for code in skipped} == groups
    assert getattr(balance, "amount", None) == 5_000
    assert await superuser.fetchval("SELECT count(*) FROM exchange_movement") > 0
