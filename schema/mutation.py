"""All mutations."""

import strawberry

from schema.adapter_steps import AdapterMutation
from schema.break_steps import BreakMutation
from schema.card import CardMutation
from schema.cash import CashMutation
from schema.certification import CertificationMutation
from schema.claim import ClaimMutation
from schema.exchange import ExchangeMutation
from schema.exchange_case import CaseMutation
from schema.money_proposals import MoneyProposals
from schema.month_end import MonthEndMutation
from schema.movement import MovementMutation
from schema.movement_batch import MovementBatchMutation
from schema.ping import PingMutation
from schema.proposal import ProposalMutation
from schema.quote import QuoteMutation
from schema.rate_steps import RateMutation
from schema.reconciliation import ReconciliationMutation
from schema.redemption import RedemptionMutation
from schema.reversal import ReversalMutation
from schema.session import SessionMutation
from schema.settlement_model import SettlementModelMutation
from schema.webhook_mutation import WebhookMutation
from schema.window import WindowMutation


@strawberry.type
class Mutation(
    SessionMutation,
    QuoteMutation,
    ExchangeMutation,
    ReversalMutation,
    CaseMutation,
    MovementMutation,
    MovementBatchMutation,
    CardMutation,
    ClaimMutation,
    RedemptionMutation,
    WindowMutation,
    ProposalMutation,
    MoneyProposals,
    CashMutation,
    SettlementModelMutation,
    BreakMutation,
    ReconciliationMutation,
    MonthEndMutation,
    WebhookMutation,
    RateMutation,
    AdapterMutation,
    CertificationMutation,
    PingMutation,
):
    """What can be done. What has a key or an id made by the client happens once, however often it is sent."""
