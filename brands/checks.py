"""What must always be true of what is configured; run by `ledger.audit`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

from brands.pricing.proposal import Decision, Proposal
from brands.pricing.proposal_rows import ROWS
from brands.rate import CONFIGURATION, Rate
from brands.rates import rates_by_id
from core.database import Connection
from ledger.audit import AuditCheck, Books, Finding, Span, SqlCheck

_PROPOSALS_PER_SPAN: Final = 1_000

NAMES: Final = SqlCheck(
    "configuration",
    """
SELECT named.relation, named.id::text, named.name, 'one that exists', named.found::text
FROM (
    SELECT 'brands_brand' AS relation, id, 'parent_id' AS name, 'brand' AS kind, parent_id AS found FROM brands_brand
    UNION ALL SELECT 'brands_brand', id, 'root_id', 'brand', root_id FROM brands_brand
    UNION ALL SELECT 'brands_brand', id, 'participant_id', 'brand', participant_id FROM brands_brand
    UNION ALL SELECT 'brands_program', id, 'brand_id', 'brand', brand_id FROM brands_program
    UNION ALL SELECT 'brands_right', id, 'issuer_id', 'brand', issuer_id FROM brands_right
    UNION ALL SELECT 'brands_right', id, 'honouring_ids', 'brand', unnest(honouring_ids) FROM brands_right
    UNION ALL SELECT 'brands_settlement', id, 'participant_id', 'brand', participant_id FROM brands_settlement
    UNION ALL SELECT 'brands_settlement', id, 'other_id', 'brand', other_id FROM brands_settlement
    UNION ALL SELECT 'brands_rate', id, 'program_id', 'program', program_id FROM brands_rate
    UNION ALL SELECT 'brands_rate', id, 'target_id', 'program', target_id FROM brands_rate
) AS named
LEFT JOIN (
    SELECT 'brand' AS kind, id FROM brands_brand UNION ALL SELECT 'program', id FROM brands_program
) AS one ON one.kind = named.kind AND one.id = named.found
WHERE named.found IS NOT NULL AND one.id IS NULL AND named.found <> '00000000-0000-0000-0000-000000000000'
ORDER BY 1, 2, 3
""",
)
"""What the configuration names, it has."""

ASSETS: Final = SqlCheck(
    "program-assets",
    """
SELECT 'brands_program', program.id::text, cell.name, cell.expected, cell.found
FROM brands_program AS program LEFT JOIN ledger_asset AS asset ON asset.code = program.code
CROSS JOIN LATERAL (VALUES
    ('code', asset.code, program.code),
    ('scale', asset.scale::text, program.scale::text),
    ('time_zone', asset.time_zone, program.time_zone)
) AS cell (name, expected, found)
WHERE cell.expected IS DISTINCT FROM cell.found
ORDER BY 2, 3
""",
)
"""A program counts its points as the ledger does: in the same units, by the same days."""

_NUMBERS: Final = "SELECT number FROM brands_rate_proposal WHERE number > $1 ORDER BY number OFFSET $2 LIMIT 1"

UNDECIDED: Final = SqlCheck(
    "prices-decided",
    f"""
SELECT 'brands_rate', rate.id::text, 'approved_by', 'whoever approved a proposal', rate.approved_by
FROM brands_rate AS rate
WHERE approved_by <> '{CONFIGURATION}' AND NOT EXISTS (
    SELECT FROM brands_rate_proposal AS proposal JOIN brands_rate AS first ON first.id = proposal.rate_id
    WHERE proposal.decision = 'APPROVED' AND proposal.decided_by = rate.approved_by
        AND proposal.submitted_by = rate.submitted_by AND first.program_id = rate.program_id
        AND first.target_id IS NOT DISTINCT FROM rate.target_id AND rate.version - first.version IN (0, 1)
)
UNION ALL
SELECT 'brands_rate', rate.id::text, 'version', '1', rate.version::text
FROM brands_rate AS rate WHERE approved_by = '{CONFIGURATION}' AND (version <> 1 OR target_id IS NOT NULL)
ORDER BY 2
""",
)
"""After a program's first price, which came with its network file, each one was approved.

What a price interrupts for a while comes back as the version after it, on the word of the same two persons.
"""


class ApprovedPrices:
    """What somebody submitted, and another person approved, is what came into force."""

    name = "approved-prices"

    async def spans(self, connection: Connection, books: Books) -> Sequence[Span]:
        """So many proposals each."""
        del books
        ends = [0]
        while end := await connection.fetchval(_NUMBERS, ends[-1], _PROPOSALS_PER_SPAN):
            ends.append(end)
        return [(end,) for end in (*ends[1:], 2**62)]

    async def look(self, connection: Connection, span: Span) -> Sequence[Finding]:
        """Proposals that do not have their digest, and rates that are not what was approved."""
        found = await ROWS.latest(connection, before=span[0], count=_PROPOSALS_PER_SPAN)
        rates = await rates_by_id(connection, [it.rate_id for it in found if it.rate_id is not None])
        return [finding for it in found[::-1] for finding in self._differences(it, rates)]

    def _differences(self, proposal: Proposal, rates: Mapping[UUID, Rate]) -> Iterator[Finding]:
        digest = proposal.matter.digest
        if proposal.digest != digest:
            key = f"number {proposal.number}"
            yield Finding(self.name, "brands_rate_proposal", key, "digest", digest, proposal.digest)
        if proposal.decision is Decision.APPROVED and proposal.rate_id is not None:
            rate = rates.get(proposal.rate_id)
            for column, should, found in _cells(proposal, rate):
                if should != found:
                    yield Finding(self.name, "brands_rate", str(proposal.rate_id), column, str(should), str(found))


def _cells(proposal: Proposal, rate: Rate | None) -> Iterator[tuple[str, object, object]]:
    matter = proposal.matter
    if rate is None or matter.terms is None:
        yield "*", "a rate", None
        return
    for column in matter.terms.__dataclass_fields__:
        yield column, getattr(matter.terms, column), getattr(rate, column)
    yield "program_id", matter.program_id, rate.program_id
    yield "target_id", matter.target_id, rate.target_id
    yield "submitted_by", proposal.submitted_by, rate.submitted_by
    yield "approved_by", proposal.decided_by, rate.approved_by


CHECKS: Final[Sequence[AuditCheck]] = (NAMES, ASSETS, ApprovedPrices(), UNDECIDED)
"""In the order in which findings are reported."""
