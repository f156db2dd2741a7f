"""All queries."""

import strawberry

from schema.adapter_steps import AdapterQuery
from schema.breaks import BreakQuery
from schema.cap import CapQuery
from schema.cash import CashQuery
from schema.catalogue import CatalogueQuery
from schema.certification import CertificationQuery
from schema.context import Info
from schema.exchange import ExchangeQuery
from schema.exchange_case import CaseQuery
from schema.fields import needs
from schema.member import Member
from schema.month_end import MonthEndQuery
from schema.movement_batch import MovementBatchQuery
from schema.proof import ProofQuery
from schema.proposal import ProposalQuery
from schema.quote import QuoteQuery
from schema.rate_steps import RateQuery
from schema.scopes import Scope
from schema.settlement_model import SettlementModelQuery
from schema.statement import StatementQuery
from schema.webhook import WebhookQuery
from schema.window import WindowQuery


@strawberry.type
class Query(
    CatalogueQuery,
    QuoteQuery,
    ExchangeQuery,
    CaseQuery,
    WindowQuery,
    ProposalQuery,
    CashQuery,
    SettlementModelQuery,
    StatementQuery,
    ProofQuery,
    MonthEndQuery,
    WebhookQuery,
    RateQuery,
    AdapterQuery,
    CapQuery,
    MovementBatchQuery,
    BreakQuery,
    CertificationQuery,
):
    """What can be asked."""

    @needs(Scope.WALLET_READ)
    def me(self, info: Info) -> Member:
        """The member whose token it is."""
        return Member.me(info)
