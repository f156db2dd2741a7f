"""What stands in the way of a second person, whatever was submitted: prices, or how a brand's system is reached."""

from typing import Protocol, TypeAlias, TypeVar

from brands.pricing.errors import DigestDiffers, ProposalDecided, SamePerson
from brands.pricing.proposal import Decision
from core.persons import Actor


class Submitted(Protocol):
    """What one person submitted, and perhaps another decided."""

    @property
    def digest(self) -> str:
        """Of all that is proposed."""
        ...

    @property
    def submitted_by(self) -> str:
        """The first person."""
        ...

    @property
    def decision(self) -> Decision | None:
        """None: it waits."""
        ...

    @property
    def decided_by(self) -> str | None:
        """The second person."""
        ...


_Proposal = TypeVar("_Proposal", bound=Submitted)

InTheWay: TypeAlias = ProposalDecided | SamePerson | DigestDiffers


def before_approval(proposal: _Proposal, number: int, actor: Actor, digest: str) -> _Proposal | InTheWay | None:
    """Why it is not approved now; itself, when this person approved just that before; None: nothing is in the way."""
    if proposal.decision is not None:
        decided = proposal.decision, proposal.decided_by, proposal.digest
        again = decided == (Decision.APPROVED, actor.subject, digest)
        return proposal if again else ProposalDecided(number, proposal.decision)
    if proposal.submitted_by == actor.subject:
        return SamePerson(number, actor.subject)
    return None if digest == proposal.digest else DigestDiffers(number, proposal.digest)


def before_rejection(proposal: _Proposal, number: int, actor: Actor) -> _Proposal | ProposalDecided | None:
    """The same for sending it back, which whoever submitted it may do as well."""
    if proposal.decision is None:
        return None
    again = (proposal.decision, proposal.decided_by) == (Decision.REJECTED, actor.subject)
    return proposal if again else ProposalDecided(number, proposal.decision)
