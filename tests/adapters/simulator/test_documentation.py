"""docs/simulator.md tells the truth: its examples are played, its tables compared."""

import re
from pathlib import Path

import aiohttp
import orjson

from adapters.simulator.brand import BrandSimulator, usual_members
from adapters.simulator.faults import MAGIC, FaultKind
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


def test_the_tables_are_complete() -> None:
    """Every magic amount and every fault, with the right meaning."""
    amounts = dict(re.findall(r"^\| (\d{4}) \| (.*) \|$", TEXT, re.MULTILINE))
    refused = {str(points): f"refused: {fault.code}" for points, fault in MAGIC.items() if fault.kind == "refuse"}
    others = {str(points): fault.kind.value for points, fault in MAGIC.items() if fault.kind != "refuse"}
    assert amounts == refused | others
    kinds = re.findall(r"^\| ([a-z_]+) \| ", TEXT[TEXT.index("| kind |") :], re.MULTILINE)
    assert kinds[1 : len(FaultKind) + 1] == [kind.value for kind in FaultKind]
