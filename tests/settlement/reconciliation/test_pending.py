"""What waits for a second person about a break, and what a correction has replaced in it."""

import asyncio
from pathlib import Path

from exchange import Exchange
from settlement import ReasonMissing
from settlement.cash import NotProposer, Proposal, ProposalChanged, ProposalEnded, ProposalOpen, Verdict, retract
from settlement.reconciliation.breaks import Break, BreakState
from settlement.reconciliation.disputing import propose_dispute, propose_dispute_end
from settlement.reconciliation.pending import proposed_about, waiting_for
from settlement.reconciliation.replaced import Replacement, replacements
from settlement.reconciliation.resolving import decide, propose_match, propose_write_off
from tests.network import Network
from tests.settlement.reconciliation.statements import SHORT, Stated, taken, written
from tests.settlement.reconciliation.test_resolving import agreed, history
from tests.settlement.trade import CHECKER, MAKER


async def test_one_proposal_waits_at_a_time(network: Network, broken: Break) -> None:
    """Whatever else is proposed about the break is refused, naming what waits, until that is decided or taken back."""
    database, wished = network.database, {"reason": "small"}
    first = await propose_write_off(database, broken.id, 1_000_000, MAKER, reason="not worth a letter")
    assert isinstance(first, Proposal)
    open_one = ProposalOpen(first.id, "WRITE_OFF", "maker-7")
    assert str(first.id) in open_one.message
    assert await propose_write_off(database, broken.id, 2_000_000, CHECKER, **wished) == open_one
    assert await propose_dispute(database, broken.id, 1_000_000, MAKER, **wished) == open_one
    assert await propose_dispute_end(database, broken.id, MAKER, reason="small") == open_one
    assert await propose_match(database, [broken.id], MAKER, **wished) == open_one
    assert await waiting_for(database, [broken.id]) == {broken.id: first}
    assert await retract(database, first.id, CHECKER, reason="mine") == NotProposer("maker-7")
    assert await retract(database, first.id, MAKER, reason=" ") == ReasonMissing()
    back = await retract(database, first.id, MAKER, reason="the wrong amount")
    assert back == await retract(database, first.id, MAKER, reason="again")
    assert await agreed(network, first) == ProposalEnded(Verdict.RETRACTED, "maker-7", "the wrong amount")
    second = await propose_write_off(database, broken.id, 2_000_000, MAKER, **wished)
    told = await proposed_about(database, broken.id)
    assert isinstance(second, Proposal)
    assert [(it.id, it.verdict) for it in told] == [(second.id, None), (first.id, Verdict.RETRACTED)]
    elsewhere = await decide(database, second.id, CHECKER, Verdict.APPROVED, digest=first.digest, reason="seen")
    assert elsewhere == ProposalChanged(second.digest)
    assert isinstance(await agreed(network, second), Proposal)
    assert await waiting_for(database, [broken.id]) == {}
    late = await retract(database, second.id, MAKER, reason="too late")
    assert late == ProposalEnded(Verdict.APPROVED, "checker-3", "seen the evidence")


async def test_of_two_proposals_at_once_one_is_kept(network: Network, broken: Break) -> None:
    database = network.database
    both = [propose_write_off(database, broken.id, micro, MAKER, reason="small") for micro in (1_000_000, 2_000_000)]
    answers = await asyncio.gather(*both)
    assert sorted(type(it).__name__ for it in answers) == ["Proposal", "ProposalOpen"]


async def test_what_a_correction_replaced_is_shown_as_replaced(
    network: Network, received: Exchange, broken: Break, tmp_path: Path
) -> None:
    """The break is closed with its old line, which is told to be replaced, by which one; a line taken back has none."""
    assert await replacements(network.database, [broken]) == {}
    right = Stated("A-1", "1980", str(received.id))
    await taken(network, tmp_path, written([right]), correcting=True)
    closed = (await history(network, broken)).item
    (old,) = closed.theirs
    (found,) = (await replacements(network.database, [closed])).values()
    assert (closed.state, old.line.amount) == (BreakState.CLOSED, SHORT)
    assert found.now is not None
    assert (found.now.line.key, found.now.line.amount) == ("A-1", 1_980)
    await taken(network, tmp_path, written([Stated("A-1", "0", str(received.id))]), correcting=True)
    assert list((await replacements(network.database, [closed])).values()) == [Replacement(None)]
