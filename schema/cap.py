"""How much of their net debit caps participants have used."""

from datetime import datetime

import strawberry

import brands
import exchange
from schema.context import Context, Info
from schema.errors import Forbidden, NotFound
from schema.fields import needs
from schema.position import CNY_DECIMALS, participant_code
from schema.refusals import amount
from schema.scalars import Amount
from schema.scopes import Scope
from schema.viewer import ViewerKind


@strawberry.type
class Cap:
    """A participant's position in one settlement model, in CNY, and how far it may still fall."""

    participant: str
    """The code of the brand that settles."""
    model: str
    limit: Amount
    """How far it may fall: the net debit cap and what is deposited."""
    deposited: Amount
    position: Amount
    """What the network owes it; negative: it owes. What is reserved for unfinished exchanges is taken off."""
    left: Amount
    used_percent: int
    pace: Amount
    """What it uses in an hour at present; not positive: it is not running out."""
    runs_out_at: datetime | None
    """When nothing is left at that pace; null: not within a year."""

    @classmethod
    def of(cls, value: exchange.Cap, directory: brands.Directory) -> "Cap":
        """As the graph shows it."""
        return cls(
            participant=participant_code(value.participant_id, directory),
            model=value.model,
            limit=amount(value.cap_micro, CNY_DECIMALS),
            deposited=amount(value.deposited_micro, CNY_DECIMALS),
            position=amount(value.position_micro, CNY_DECIMALS),
            left=amount(value.left_micro, CNY_DECIMALS),
            used_percent=value.used_percent,
            pace=amount(value.pace_micro, CNY_DECIMALS),
            runs_out_at=value.runs_out_at,
        )


@strawberry.type
class CapQuery:
    """Looking at caps."""

    @needs(brands.Scope.STATEMENTS_READ, Scope.SETTLEMENT_READ)
    async def caps(self, info: Info, brand: str | None = None) -> list[Cap]:
        """The caps of a brand's own participant; for staff of all participants, or of one."""
        directory = await info.context.directory()
        participant = _participant(info.context, brand, directory)
        wanted = None if participant is None else [participant.id]
        async with info.context.database.connection() as connection:
            found = await exchange.caps(connection, info.context.database.clock.now(), participant_ids=wanted)
        return [Cap.of(each, directory) for each in found]


def _participant(context: Context, code: str | None, directory: brands.Directory) -> brands.Brand | None:
    viewer = context.viewer
    if viewer.kind is ViewerKind.BRAND:
        own = directory.participant_of(viewer.brand_id)
        if code not in {None, own.code}:
            raise Forbidden("That is another participant's cap.")
        return own
    if code is None:
        return None
    found = directory.brand(code)
    if found is None or not found.is_participant:
        raise NotFound("There is no participant with this code.")
    return found
