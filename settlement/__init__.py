"""Who owes whom, and proof that it was paid: windows, positions, netting, two persons, statements."""

from core.refusals import NetDebitCapReached
from settlement.advising import Advice, AdviceRefusal, StatementFile, advise
from settlement.approval import (
    Approval,
    ApprovalRefusal,
    Decision,
    RejectionRefusal,
    SubmissionRefusal,
    approve,
    reject,
    submit,
)
from settlement.audit import AUDIT_CHECKS, STATEMENTS_CHECK
from settlement.clearing import AbortRefusal, NettingRefusal, abort, net
from settlement.closing import close
from settlement.errors import (
    BooksBroken,
    BooksDiffer,
    CashSeen,
    CutOffImpossible,
    Difference,
    FiguresChanged,
    LaterWindowClosed,
    ReasonMissing,
    SamePerson,
    WindowNotFound,
    WrongStep,
)
from settlement.figures import Figures, Position, Subtotal
from settlement.forms import Format
from settlement.netting import Payment
from settlement.obligations import Obligation
from settlement.overview import Overview, overview
from settlement.persons import Actor
from settlement.reconciling import ReconciliationRefusal, reconcile
from settlement.replay import Replay, ReplayedStatement, replay
from settlement.schedules import Cycle, Schedule
from settlement.steps import Status
from settlement.terms import Funding, Netting, Terms
from settlement.windows import Step, Window, current_window, window_numbered, windows

__all__ = [
    "AUDIT_CHECKS",
    "STATEMENTS_CHECK",
    "AbortRefusal",
    "Actor",
    "Advice",
    "AdviceRefusal",
    "Approval",
    "ApprovalRefusal",
    "BooksBroken",
    "BooksDiffer",
    "CashSeen",
    "CutOffImpossible",
    "Cycle",
    "Decision",
    "Difference",
    "Figures",
    "FiguresChanged",
    "Format",
    "Funding",
    "LaterWindowClosed",
    "NetDebitCapReached",
    "Netting",
    "NettingRefusal",
    "Obligation",
    "Overview",
    "Payment",
    "Position",
    "ReasonMissing",
    "ReconciliationRefusal",
    "RejectionRefusal",
    "Replay",
    "ReplayedStatement",
    "SamePerson",
    "Schedule",
    "StatementFile",
    "Status",
    "Step",
    "SubmissionRefusal",
    "Subtotal",
    "Terms",
    "Window",
    "WindowNotFound",
    "WrongStep",
    "abort",
    "advise",
    "approve",
    "close",
    "current_window",
    "net",
    "overview",
    "reconcile",
    "reject",
    "replay",
    "submit",
    "window_numbered",
    "windows",
]
