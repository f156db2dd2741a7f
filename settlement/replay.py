"""Proof on demand: the figures of a window counted anew from the transfers, and their digest compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from brands import OPERATOR_ID
from brands.accounts import clearing_account
from core.database import Connection, Database
from ledger import balance_at, recorded_at
from settlement.counting import counted
from settlement.errors import WindowNotFound, WrongStep
from settlement.figures import Figures
from settlement.netting import payments
from settlement.positions import divided
from settlement.postings import netting_id, position_account_id
from settlement.records import kept_figures, settled_before
from settlement.steps import Status
from settlement.windows import Window, find


@dataclass(frozen=True, slots=True)
class Replay:
    """A window's figures as kept and as counted anew."""

    number: int
    kept: str
    """The digest of the figures that were kept at the close and put before two persons."""
    counted: str
    """The digest of the figures counted now from the transfers."""

    @property
    def agrees(self) -> bool:
        """Whether the books still say what they said."""
        return self.kept == self.counted


async def replay(database: Database, window_id: UUID) -> Replay | WindowNotFound | WrongStep:
    """Count a netted window anew and compare the digests."""
    async with database.transaction() as connection:
        window = await find(connection, window_id)
        if window is None:
            return WindowNotFound(str(window_id))
        if not window.status.has_reached(Status.NETTED):
            return WrongStep(window.number, window.status, Status.NETTED)
        kept, found = await kept_figures(connection, window), await replayed(connection, window)
        return Replay(window.number, kept.digest, found.digest)


async def replayed(connection: Connection, window: Window) -> Figures:
    """The netted window's figures, from the transfers; only who took part is taken from the figures kept."""
    assert window.cut_off_at is not None, "an open window has no figures"
    participants = [position.participant_id for position in (await kept_figures(connection, window)).positions]
    openings = await _positions_at(connection, window, participants, window.after)
    closings = await _positions_at(connection, window, participants, window.cut_off_at)
    in_flight = (await balance_at(connection, clearing_account().id, window.cut_off_at)).net_credit
    bare = divided(openings, closings, in_flight)
    paid = payments({position.participant_id: position.settled for position in bare}, OPERATOR_ID)
    positions = tuple(await counted(connection, window, bare))
    return Figures(window.number, window.after, window.cut_off_at, in_flight, positions, tuple(paid))


async def _positions_at(
    connection: Connection, window: Window, participants: list[UUID], instant: datetime | None
) -> Mapping[UUID, int]:
    """The positions at a cut-off, less what earlier windows settle and had not netted by then."""
    if instant is None:
        return dict.fromkeys(participants, 0)
    unposted = await _unposted_at(connection, window, instant)
    return {
        who: (await balance_at(connection, position_account_id(who), instant)).net_credit - unposted.get(who, 0)
        for who in participants
    }


async def _unposted_at(connection: Connection, window: Window, instant: datetime) -> dict[UUID, int]:
    settled = await settled_before(connection, window.number)
    ids = {key: netting_id(*key) for key in settled}
    posted = await recorded_at(connection, ids.values())
    unposted: dict[UUID, int] = {}
    for (window_id, participant), amount in settled.items():
        at = posted.get(ids[window_id, participant])
        if at is None or at > instant:
            unposted[participant] = unposted.get(participant, 0) + amount
    return unposted
