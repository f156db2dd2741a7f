"""Breaks: what a brand states and our books do not say, or the other way round."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

import strawberry
from strawberry import federation

import brands
from core.amounts import format_amount
from schema.break_proposal import BreakProposal
from schema.context import Context, Info
from schema.errors import NotFound
from schema.fields import needs
from schema.ids import global_id, key_of
from schema.nodes import Node
from schema.paging import PageInfo, check_first, cursor_of, read_cursor, unreadable_cursor
from schema.refusals import amount
from schema.scalars import Amount
from schema.scopes import Scope
from schema.viewer import ViewerKind
from settlement.cash.proposals import Proposal
from settlement.reconciliation import accepting, breaks, finding, late, line, pending, work_list
from settlement.reconciliation.break_kinds import BreakKind
from settlement.reconciliation.replaced import Replacement, replacements

FIRST_MAX: Final = 200
"""Breaks in one answer."""

CNY_DECIMALS: Final = 6

strawberry.enum(BreakKind)
strawberry.enum(breaks.BreakState)
strawberry.enum(breaks.AgeBand, name="BreakAge", description="For how long it has been open.")
strawberry.enum(breaks.EventKind, name="BreakEventKind")


@dataclass(frozen=True, slots=True)
class Beside:
    """What is looked up for many breaks at once."""

    waiting: Mapping[UUID, Proposal]
    """Proposals that are open, by break."""
    replaced: Mapping[str, Replacement]
    """By the id of the line that is valid no more."""


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
    replaced: bool
    """A correction of the brand's has replaced it, or taken it back: it is valid no more."""
    replaced_by: "ReconciledLine | None" = None
    """What is valid instead; null when it was taken back."""

    @classmethod
    def of(
        cls, value: line.Line, scale: int, *, booked: bool = True, replacement: Replacement | None = None
    ) -> "ReconciledLine":
        """As the graph shows it."""
        now = None if replacement is None else replacement.now
        decimals = CNY_DECIMALS if value.asset == line.MONEY else scale
        shown = amount(value.amount, decimals)
        named = {"key": value.key, "reference": value.reference, "asset": value.asset}
        return cls(
            **named,
            amount=shown,
            member=value.member,
            day=value.day,
            booked=booked,
            replaced=replacement is not None,
            replaced_by=None if now is None else cls.of(now.line, scale, booked=now.booked),
        )


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
    """What is at stake, in CNY, without a sign; nothing once it is closed or resolved."""
    at_stake: Amount
    """In CNY: positive when the participant would gain if the brand is right."""
    disputed: Amount
    """What has been moved until a dispute is decided, in CNY."""
    disputed_since: datetime | None
    """Null: nothing is disputed."""
    exchange_id: strawberry.ID | None
    """The exchange that a brand carried on too late, for a `LATE_SUCCESS`."""
    owner: str
    next_step: str
    due_on: date
    opened_at: datetime
    age: str
    """How long it has been open."""
    proposal: BreakProposal | None
    """What waits for a second person; null: nothing, or the token is a brand's."""
    late_exchange: strawberry.Private[UUID | None]
    ours: list[ReconciledLine]
    theirs: list[ReconciledLine]

    @classmethod
    def of(cls, value: breaks.Break, directory: brands.Directory, now: datetime, beside: "Beside") -> "Break":
        """As the graph shows it."""
        proposal = beside.waiting.get(value.id)
        program = directory.programs[value.program_id]
        return cls(
            key=value.id,
            program=program.code,
            kind=value.kind,
            state=value.state,
            at_risk=_cny(value.at_risk),
            at_stake=_cny(value.at_stake),
            disputed=_cny(value.disputed),
            disputed_since=value.disputed_at,
            exchange_id=None if value.exchange_id is None else global_id("Exchange", value.exchange_id),
            late_exchange=value.exchange_id,
            owner=value.owner,
            next_step=value.next_step,
            due_on=value.due_on,
            opened_at=value.opened_at,
            age=breaks.age_band(value.opened_at, now),
            ours=[ReconciledLine.of(it, program.scale) for it in value.ours],
            theirs=[
                ReconciledLine.of(it.line, program.scale, booked=it.booked, replacement=beside.replaced.get(it.id))
                for it in value.theirs
            ],
            proposal=None if proposal is None else BreakProposal.of(proposal),
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
    async def exchange_case_id(self, info: Info) -> strawberry.ID | None:
        """The case in which two persons decide on it, for a `LATE_SUCCESS` that the exchange has learnt of."""
        if self.late_exchange is None or info.context.viewer.kind is ViewerKind.BRAND:
            return None
        async with info.context.database.connection() as connection:
            found = await late.case_of(connection, self.late_exchange)
        return None if found is None else global_id("ExchangeCase", found)

    @strawberry.field
    async def proposals(self, info: Info) -> list[BreakProposal]:
        """All that was ever proposed about it, and how it ended, the newest first; nothing for a brand's token."""
        if info.context.viewer.kind is ViewerKind.BRAND:
            return []
        return [BreakProposal.of(it) for it in await pending.proposed_about(info.context.database, self.key)]

    @strawberry.field
    async def suggestions(self, info: Info) -> list["Break"]:
        """Open breaks that may be its other half. Nothing is matched until a person says so."""
        found = await accepting.suggested_for(info.context.database, self.key)
        return [] if not isinstance(found, list) else await shown(info.context, found)


@strawberry.input
class BreakFilter:
    """Which breaks; what is left out: whichever."""

    state: breaks.BreakState | None = breaks.BreakState.OPEN
    kind: BreakKind | None = None
    program: str | None = None
    brand: str | None = None
    """Of its programs, and of the brands' below it."""
    owner: str | None = None
    age: breaks.AgeBand | None = None
    window_id: strawberry.ID | None = None
    """With a line of the days of this settlement window."""
    due_before: date | None = None
    disputed: bool | None = None
    """Whether a dispute about it stands."""


@strawberry.type
class BreakEdge:
    """A break in its place."""

    node: Break
    cursor: str


@strawberry.type
class BreakConnection:
    """A page of the work list."""

    edges: list[BreakEdge]
    page_info: PageInfo
    total_count: int
    """On all pages."""
    at_risk: Amount
    """In CNY, of all of them."""

    @strawberry.field
    def nodes(self) -> list[Break]:
        """The breaks of this page."""
        return [edge.node for edge in self.edges]

    @classmethod
    async def of(cls, context: Context, page: finding.BreakPage, *, later: bool) -> "BreakConnection":
        """As the graph shows it."""
        cursors = [cursor_of(str(finding.Place.of(it))) for it in page.breaks]
        nodes = await shown(context, page.breaks)
        first, last = (cursors[0], cursors[-1]) if cursors else (None, None)
        return cls(
            edges=[BreakEdge(node=node, cursor=cursor) for node, cursor in zip(nodes, cursors, strict=True)],
            page_info=PageInfo(has_next_page=page.more, has_previous_page=later, start_cursor=first, end_cursor=last),
            total_count=page.count,
            at_risk=_cny(page.at_risk_micro),
        )


@strawberry.type
class BreakQuery:
    """Looking at breaks."""

    @needs(brands.Scope.STATEMENTS_READ, Scope.SETTLEMENT_READ)
    async def breaks(
        self,
        info: Info,
        filter: BreakFilter | None = None,
        first: int = 50,
        after: str | None = None,
    ) -> BreakConnection:
        """The work list, the largest value at risk first: a brand's own programs, all for staff."""
        check_first(first, FIRST_MAX)
        wished = filter or BreakFilter()
        wanted = await _wanted(info.context, wished)
        page = await finding.find_page(info.context.database, wanted, first=first, after=_place(after))
        if not isinstance(page, finding.BreakPage):
            raise NotFound(page.message)
        return await BreakConnection.of(info.context, page, later=after is not None)

    @needs(brands.Scope.STATEMENTS_READ, Scope.SETTLEMENT_READ)
    async def one_break(self, info: Info, id: strawberry.ID) -> Break:
        """One break: of a brand's own programs, any for staff."""
        return await Break.resolve_reference(info, id)


async def _wanted(context: Context, wished: BreakFilter) -> finding.Wanted:
    programs = await own_programs(context, wished.program)
    if wished.brand is not None:
        directory = await context.directory()
        found = directory.brand(wished.brand)
        below = directory.descendants(found.id) if found else frozenset[UUID]()
        below_it = frozenset(it.id for it in directory.programs.values() if it.brand_id in below)
        programs = below_it if programs is None else programs & below_it
    window_id = None if wished.window_id is None else key_of("Window", wished.window_id)
    return finding.Wanted(
        wished.state, programs, wished.owner, wished.kind, wished.due_before, wished.age, window_id, wished.disputed
    )


def _place(after: str | None) -> finding.Place | None:
    try:
        return None if after is None else finding.Place.read(read_cursor(after))
    except ValueError as error:
        raise unreadable_cursor() from error


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
    own = context.viewer.kind is not ViewerKind.BRAND
    waiting = await pending.waiting_for(context.database, [it.id for it in found]) if own else {}
    beside = Beside(waiting, await replacements(context.database, found))
    return [Break.of(it, directory, now, beside) for it in found]


def _cny(micro: int) -> Amount:
    return Amount(format_amount(micro, CNY_DECIMALS))
