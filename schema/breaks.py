"""Breaks: what a brand states and our books do not say, or the other way round."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

import strawberry
from strawberry import federation

import brands
from core.amounts import format_amount
from schema.context import Context, Info
from schema.errors import BadInput, NotFound
from schema.fields import needs
from schema.ids import key_of
from schema.nodes import Node
from schema.refusals import amount
from schema.scalars import Amount
from schema.scopes import Scope
from schema.viewer import ViewerKind
from settlement.reconciliation import accepting, breaks, line, work_list
from settlement.reconciliation.break_kinds import BreakKind

FIRST_MAX: Final = 200
"""Breaks in one answer."""

CNY_DECIMALS: Final = 6

strawberry.enum(BreakKind)
strawberry.enum(breaks.BreakState)
strawberry.enum(breaks.EventKind, name="BreakEventKind")


@strawberry.type
class ReconciledLine:
    """One movement, as one side tells it."""

    key: str
    """Ours: the transfer; the brand's: its own reference."""
    reference: str
    """The exchange, award, burn, grant or reversal; empty: none was given."""
    asset: str
    amount: Amount
    """As the member sees it; in CNY: as the participant sees it."""
    member: str
    day: date
    booked: bool
    """False: the brand refused it."""

    @classmethod
    def of(cls, value: line.Line, scale: int, *, booked: bool = True) -> "ReconciledLine":
        """As the graph shows it."""
        decimals = CNY_DECIMALS if value.asset == line.MONEY else scale
        shown = amount(value.amount, decimals)
        named = {"key": value.key, "reference": value.reference, "asset": value.asset}
        return cls(**named, amount=shown, member=value.member, day=value.day, booked=booked)


@strawberry.type
class BreakEvent:
    """One thing that happened to a break."""

    kind: breaks.EventKind
    actor: str
    text: str
    recorded_at: datetime


@federation.type(keys=["id"], requires_scopes=[[brands.Scope.STATEMENTS_READ], [Scope.SETTLEMENT_READ]])
class Break(Node):
    """Lines that do not agree, and who does what about it until when."""

    program: str
    kind: BreakKind
    state: breaks.BreakState
    at_risk: Amount
    """What is at stake, in CNY; without a sign."""
    at_stake: Amount
    """In CNY: positive when the participant would gain if the brand is right."""
    disputed: Amount
    """What has been moved until a dispute is decided, in CNY."""
    owner: str
    next_step: str
    due_on: date
    opened_at: datetime
    age: str
    """How long it has been open."""
    ours: list[ReconciledLine]
    theirs: list[ReconciledLine]

    @classmethod
    def of(cls, value: breaks.Break, directory: brands.Directory, now: datetime) -> "Break":
        """As the graph shows it."""
        program = directory.programs[value.program_id]
        return cls(
            key=value.id,
            program=program.code,
            kind=value.kind,
            state=value.state,
            at_risk=_cny(abs(value.at_stake)),
            at_stake=_cny(value.at_stake),
            disputed=_cny(value.disputed),
            owner=value.owner,
            next_step=value.next_step,
            due_on=value.due_on,
            opened_at=value.opened_at,
            age=breaks.age_band(value.opened_at, now),
            ours=[ReconciledLine.of(it, program.scale) for it in value.ours],
            theirs=[ReconciledLine.of(it.line, program.scale, booked=it.booked) for it in value.theirs],
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Break":
        """The break, if the token may see it. Raises NotFound."""
        found = await visible(info.context, key_of("Break", id))
        return (await shown(info.context, [found.item]))[0]

    @strawberry.field
    async def events(self, info: Info) -> list[BreakEvent]:
        """All that happened to it, the oldest first."""
        found = await visible(info.context, self.key)
        return [
            BreakEvent(kind=it.kind, actor=it.actor, text=it.text, recorded_at=it.recorded_at) for it in found.events
        ]

    @strawberry.field
    async def suggestions(self, info: Info) -> list["Break"]:
        """Open breaks that may be its other half. Nothing is matched until a person says so."""
        found = await accepting.suggested_for(info.context.database, self.key)
        return [] if not isinstance(found, list) else await shown(info.context, found)


@strawberry.type
class BreakQuery:
    """Looking at breaks."""

    @needs(brands.Scope.STATEMENTS_READ, Scope.SETTLEMENT_READ)
    async def breaks(
        self,
        info: Info,
        state: breaks.BreakState | None = breaks.BreakState.OPEN,
        kind: BreakKind | None = None,
        program: str | None = None,
        owner: str | None = None,
        first: int = 50,
    ) -> list[Break]:
        """The work list, the largest value at risk first: a brand's own programs, all for staff."""
        if not 1 <= first <= FIRST_MAX:
            message = f"`first` must be from 1 to {FIRST_MAX}."
            raise BadInput(message, argument="first")
        programs = await own_programs(info.context, program)
        wanted = work_list.Wanted(state, programs, owner, kind)
        return await shown(info.context, await work_list.find_breaks(info.context.database, wanted, limit=first))

    @needs(brands.Scope.STATEMENTS_READ, Scope.SETTLEMENT_READ)
    async def one_break(self, info: Info, id: strawberry.ID) -> Break:
        """One break: of a brand's own programs, any for staff."""
        return await Break.resolve_reference(info, id)


async def own_programs(context: Context, code: str | None = None) -> frozenset[UUID] | None:
    """The programs whose breaks the token may see, or of them the one called `code`; None: all."""
    directory = await context.directory()
    named = None if code is None else {it.id for it in directory.programs.values() if it.code == code}
    if context.viewer.kind is not ViewerKind.BRAND:
        return None if named is None else frozenset(named)
    below = directory.descendants(context.viewer.brand_id)
    own = frozenset(it.id for it in directory.programs.values() if it.brand_id in below)
    return own if named is None else own & named


async def visible(context: Context, break_id: UUID) -> work_list.BreakHistory:
    """The break and its history, if the token may see it. Raises NotFound."""
    found = await work_list.break_history(context.database, break_id)
    programs = await own_programs(context)
    if not isinstance(found, work_list.BreakHistory) or (
        programs is not None and found.item.program_id not in programs
    ):
        raise NotFound("There is no such break.")
    return found


async def shown(context: Context, found: Sequence[breaks.Break]) -> list[Break]:
    """As the graph shows them."""
    directory, now = await context.directory(), context.database.clock.now()
    return [Break.of(it, directory, now) for it in found]


def _cny(micro: int) -> Amount:
    return Amount(format_amount(micro, CNY_DECIMALS))
