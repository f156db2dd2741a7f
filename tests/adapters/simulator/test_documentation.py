"""docs/simulator.md tells the truth: its examples are played, its tables compared."""

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import orjson

import brands
from adapters.brand_systems.registry import open_brand_systems
from adapters.certification.suite import run
from adapters.certification.trial import Trial
from adapters.certification.verdict import Outcome
from adapters.simulator.brand import BrandSimulator, usual_members
from adapters.simulator.faults import MAGIC, FaultKind
from core.database import Database
from exchange.brand_system import MemberReference
from settlement.reconciliation.reading import open_statement
from tests.adapters.simulator.conftest import NOON

TEXT = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text()
EXAMPLES = re.findall(r"```http\n(GET|POST|PUT) (\S+)\n(.*?)```(?:\n```json\n(\d+)\n(.*?)```)?", TEXT, re.DOTALL)


async def test_the_examples_are_what_it_says() -> None:
    """One after the other, against one brand."""
    brand = BrandSimulator()
    brand.clock.stop(NOON)
    brand.open_members(*usual_members(brand.terms))
    headers = {"Authorization": f"Bearer {brand.terms.key}"}
    async with brand.serving() as url, aiohttp.ClientSession(headers=headers) as session:
        for method, path, body, status, told in EXAMPLES:
            async with session.request(method, url + path, data=body or None) as answer:
                found = await answer.json()
            assert answer.status == int(status or 200)
            assert not told or found == orjson.loads(told)
    assert len(EXAMPLES) == 7


async def test_the_configuration_passes_the_suite(database: Database, tmp_path: Path) -> None:
    """The network file that is shown is a good one."""
    (text,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    config = brands.parse_network(text.encode())
    assert not isinstance(config, brands.ConfigRefused), config.message
    assert isinstance(await brands.apply(database, config), brands.Applied)
    async with database.connection() as connection:
        program = (await brands.directory(connection)).program("SIM")
    assert program is not None
    brand = BrandSimulator()
    brand.open_members(*usual_members(brand.terms))
    async with brand.serving() as url:
        given = {"AGIO_BRAND_SIM_API_KEY": brand.terms.key, "AGIO_BRAND_SIM_URL": url}
        async with open_brand_systems(database, tmp_path, given) as systems:
            tiers = frozenset(tier.code for tier in program.tiers)
            trial = Trial(systems.of(program), MemberReference("10000001"), database.clock, 0, tiers=tiers)
            results = await run(trial, systems)
            day = database.clock.now().astimezone(ZoneInfo(program.time_zone)).date()
            content = await systems.of(program).fetch_statement(day)
    assert isinstance(content, bytes)
    file = tmp_path / "statement.csv"
    file.write_bytes(content)
    assert program.statement_file is not None
    with open_statement(file, program, program.statement_file, correcting=False) as statement:
        lines = list(statement.lines())
    assert (sum(line.written for line in lines), statement.quarantined) == (brand.books.moved, [])
    assert [result for result in results if result.outcome not in {Outcome.PASSED, Outcome.SKIPPED}] == []


def test_the_tables_are_complete() -> None:
    """Every magic amount and every fault, with the right meaning."""
    amounts = dict(re.findall(r"^\| (\d{4}) \| (.*) \|$", TEXT, re.MULTILINE))
    refused = {str(points): f"refused: {fault.code}" for points, fault in MAGIC.items() if fault.kind == "refuse"}
    others = {str(points): fault.kind.value for points, fault in MAGIC.items() if fault.kind != "refuse"}
    assert amounts == refused | others
    kinds = re.findall(r"^\| ([a-z_]+) \| ", TEXT[TEXT.index("| kind |") :], re.MULTILINE)
    assert kinds[1 : len(FaultKind) + 1] == [kind.value for kind in FaultKind]
