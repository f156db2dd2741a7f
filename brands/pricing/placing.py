"""What a proposal changes in the prices as they stand."""

from brands.pricing.desk import Desk
from brands.pricing.proposal import Matter, ProposalKind
from brands.pricing.timeline import Placed, cut, place
from brands.rate import dated


def placed(held: Desk, matter: Matter, submitter: str, approver: str) -> Placed:
    """The rates that end and come when `matter` comes into force as early as it may."""
    timeline = held.directory.prices.timelines.get((matter.program_id, matter.target_id), ())
    if matter.kind is ProposalKind.END:
        return cut(timeline, held.now)
    assert matter.terms is not None, "a rate has terms"
    earliest = max(matter.valid_from or held.now, held.now)
    new = dated(
        matter.terms,
        program_id=matter.program_id,
        target_id=matter.target_id,
        version=max((rate.version for rate in timeline), default=0) + 1,
        # Nothing begins before what is there did, also when the clock has gone back.
        valid_from=max(earliest, min((rate.valid_from for rate in timeline), default=earliest)),
        valid_to=matter.valid_to,
        submitted_by=submitter,
        approved_by=approver,
    )
    return place(timeline, new)
