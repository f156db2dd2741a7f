"""Settlement models, when their windows close, and what a window would pay under other terms."""

from datetime import datetime
from typing import Annotated

import strawberry

import brands
import settlement
from schema.context import Info
from schema.errors import BadInput, NotFound
from schema.fields import needs
from schema.ids import key_of
from schema.position import CNY_DECIMALS, FEN_DECIMALS, Payment, participant_code
from schema.proposal import ProposalResult, actor, proposal_result
from schema.proposal_refusals import SettlementRefused, settlement_refused
from schema.refusals import amount
from schema.scalars import Amount
from schema.scopes import Scope

strawberry.enum(settlement.Netting)
strawberry.enum(settlement.Funding)
strawberry.enum(settlement.Cycle, name="SettlementCycle")


@strawberry.type
class SettlementModel:
    """A closed set of position accounts whose windows are settled together, on agreed terms."""

    code: str
    version: int
    """0: the network's own, which nobody has changed yet."""
    netting: settlement.Netting
    set_off_loops: bool
    """Whether closed loops are set off before anybody pays; with bilateral netting."""
    funding: settlement.Funding
    cycle: settlement.Cycle
    closes_at: datetime | None
    """When the open window closes by itself; null: when a person says so."""
    members: list[str]
    """Those who settle in it with each other."""
    pairs: list[list[str]]
    """Those who settle in it only with each other."""
    agreed_at: datetime | None


@strawberry.type
class StuckWindow:
    """A window that does not go on by itself."""

    number: int
    step: str
    attempts: int
    problem: str
    retry_at: datetime


@strawberry.type
class Obligation:
    """What one participant owes another for a window: `opening + lines = setOff + settled + carried`."""

    debtor: str
    creditor: str
    opening: Amount
    lines: Amount
    set_off: Amount
    settled: Amount
    carried: Amount

    @classmethod
    def of(cls, it: settlement.Obligation, directory: brands.Directory) -> "Obligation":
        """As the graph shows it."""
        amounts = (it.opening, it.lines, it.set_off, it.settled, it.carried)
        opening, lines, set_off, settled, carried = (amount(found, CNY_DECIMALS) for found in amounts)
        return cls(
            debtor=participant_code(it.debtor_id, directory),
            creditor=participant_code(it.creditor_id, directory),
            opening=opening,
            lines=lines,
            set_off=set_off,
            settled=settled,
            carried=carried,
        )


@strawberry.type
class WhatIfPosition:
    """What a participant would pay and be paid."""

    participant: str
    closing: Amount
    pays: Amount
    is_paid: Amount
    carried: Amount


@strawberry.type
class WhatIf:
    """What a window would come to."""

    total: Amount
    """All the money that would move."""
    positions: list[WhatIfPosition]
    obligations: list[Obligation]
    """Between each two participants."""
    payments: list[Payment]

    @classmethod
    def of(cls, found: settlement.WhatIf, directory: brands.Directory) -> "WhatIf":
        """As the graph shows it."""
        return cls(
            total=amount(found.total_fen, FEN_DECIMALS),
            positions=[
                WhatIfPosition(
                    participant=participant_code(it.participant_id, directory),
                    closing=amount(it.closing, CNY_DECIMALS),
                    pays=amount(it.due, CNY_DECIMALS),
                    is_paid=amount(it.owed, CNY_DECIMALS),
                    carried=amount(it.carried, CNY_DECIMALS),
                )
                for it in found.positions
            ],
            obligations=[Obligation.of(it, directory) for it in found.obligations],
            payments=[Payment.of(it, directory) for it in found.payments],
        )


WhatIfResult = Annotated[WhatIf | SettlementRefused, strawberry.union("WhatIfResult")]


@strawberry.type
class SettlementModelQuery:
    """Looking at models and their windows."""

    @needs(Scope.SETTLEMENT_READ)
    async def settlement_models(self, info: Info) -> list[SettlementModel]:
        """Every model, the network's own first."""
        cut_offs = await settlement.next_cut_offs(info.context.database)
        return [
            SettlementModel(
                code=it.code,
                version=it.version,
                netting=it.terms.netting,
                set_off_loops=it.terms.set_off_loops,
                funding=it.terms.funding,
                cycle=it.terms.schedule.cycle,
                closes_at=cut_offs.get(it.code),
                members=list(it.members),
                pairs=[list(pair) for pair in it.pairs],
                agreed_at=it.agreed_at,
            )
            for it in await settlement.agreed_models(info.context.database)
        ]

    @needs(Scope.SETTLEMENT_READ)
    async def stuck_windows(self, info: Info) -> list[StuckWindow]:
        """The windows that do not go on by themselves, and why."""
        return [
            StuckWindow(number=it.number, step=it.step, attempts=it.attempts, problem=it.problem, retry_at=it.retry_at)
            for it in await settlement.stuck(info.context.database)
        ]

    @needs(Scope.SETTLEMENT_READ)
    async def what_if(
        self,
        info: Info,
        *,
        window_id: strawberry.ID,
        netting: settlement.Netting | None = None,
        set_off_loops: bool = False,
        without: list[str] | None = None,
    ) -> WhatIfResult:
        """What a window would pay under other terms, or without some participants. Every line of it is read."""
        found = await settlement.what_if(
            info.context.database,
            key_of("Window", window_id),
            terms=_terms(netting, set_off_loops=set_off_loops),
            without=without or [],
        )
        if isinstance(found, settlement.WindowNotFound):
            raise NotFound(found.message)
        if not isinstance(found, settlement.WhatIf):
            return settlement_refused(found)
        return WhatIf.of(found, await info.context.directory())


@strawberry.type
class SettlementModelMutation:
    """Proposing models."""

    @needs(Scope.SETTLEMENT_PREPARE)
    async def propose_settlement_model(self, info: Info, toml: str, reason: str) -> ProposalResult:
        """Propose a new model, or a new version of one, written as TOML."""
        model = settlement.read_model(toml.encode())
        if isinstance(model, settlement.ModelRefused):
            return settlement_refused(model)
        who = actor(info.context)
        return proposal_result(await settlement.propose_model(info.context.database, model, who, reason=reason))


def _terms(netting: settlement.Netting | None, *, set_off_loops: bool) -> settlement.Terms | None:
    if netting is None and not set_off_loops:
        return None
    try:
        return settlement.Terms(netting or settlement.Netting.BILATERAL, set_off_loops)
    except ValueError as error:
        raise BadInput(str(error), argument="setOffLoops") from error
