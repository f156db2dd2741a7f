"""A good brand with a bad mapping: the suite finds that as well, and says which line to write."""

from pathlib import Path

import pytest

from adapters.certification.verdict import Outcome
from core.database import Database
from tests.adapters.certification.stage import on_trial

FORGOTTEN = ('INSUFFICIENT_BALANCE = "insufficient"\n', "")
ASSUMED = ('kind = "rest"\n', 'kind = "rest"\nstatuses = { 502 = "not_sent" }\n')
OTHER_TIERS = ('blue = { name = "', 'azure = { name = "')


@pytest.mark.parametrize(
    ("bent", "code", "found", "mend"),
    [
        (FORGOTTEN, "far-too-much", None, None),
        (FORGOTTEN, "insufficient", "invalid (INSUFFICIENT_BALANCE", '"INSUFFICIENT_BALANCE" = "insufficient"'),
        (ASSUMED, "gateway-error", "not_sent", "so that an inquiry finds it"),
        (OTHER_TIERS, "tier", "It is blue", "Add the tier to the program's tiers"),
    ],
)
async def test_a_bad_mapping(
    database: Database, tmp_path: Path, bent: tuple[str, str], code: str, found: str | None, mend: str | None
) -> None:
    async with on_trial("HARBOUR", database, tmp_path, bent=bent) as stage:
        result = (await stage.run(code))[code]
    assert result.outcome is (Outcome.PASSED if found is None else Outcome.FAILED)
    assert (found or "") in result.found
    assert (mend or "") in result.mend
