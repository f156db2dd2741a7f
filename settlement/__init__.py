"""Who owes whom, and proof that it was paid: windows, positions, netting, two persons, statements."""

from core.refusals import NetDebitCapReached
from settlement.aborting import AbortRefusal, abort, propose_abort
from settlement.adjusting import AdjustmentRefusal, propose_adjustment
from settlement.advising import Advice, AdviceRefusal, StatementFile, advise
from settlement.agreed_models import AgreedModel, agreed_models
from settlement.agreeing import propose_model
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
from settlement.clearing import NettingRefusal, net
from settlement.closing import close
from settlement.deciding import decide
from settlement.due import SCHEDULE, Stuck, next_cut_offs, settle_due, stuck
from settlement.errors import (
    AbortTooLate,
    BooksBroken,
    BooksDiffer,
    CapInUse,
    CashSeen,
    CutOffImpossible,
    Difference,
    FiguresChanged,
    LaterWindowClosed,
    ModelRefused,
    ReasonMissing,
    SamePerson,
    TwoPersonsNeeded,
    WindowNotFound,
    WrongStep,
)
from settlement.figures import Figures, Position, Subtotal
from settlement.forms import Format
from settlement.model_file import read_model
from settlement.netting import EVERYBODY as EVERYBODY
from settlement.netting import Payment
from settlement.obligations import Obligation
from settlement.overview import Overview, overview
from settlement.participants import codes as participant_codes
from settlement.persons import Actor
from settlement.reconciling import ReconciliationRefusal, reconcile
from settlement.replay import Replay, ReplayedStatement, replay
from settlement.schedules import Cycle, Schedule
from settlement.steps import Status
from settlement.terms import Funding, Netting, Terms
from settlement.what_if import WhatIf, what_if
from settlement.windows import Step, Window, current_window, window_numbered, windows

__all__ = [
    "AUDIT_CHECKS",
    "SCHEDULE",
    "STATEMENTS_CHECK",
    "AbortRefusal",
    "AbortTooLate",
    "Actor",
    "AdjustmentRefusal",
    "Advice",
    "AdviceRefusal",
    "AgreedModel",
    "Approval",
    "ApprovalRefusal",
    "BooksBroken",
    "BooksDiffer",
    "CapInUse",
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
    "ModelRefused",
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
    "Stuck",
    "SubmissionRefusal",
    "Subtotal",
    "Terms",
    "TwoPersonsNeeded",
    "WhatIf",
    "Window",
    "WindowNotFound",
    "WrongStep",
    "abort",
    "advise",
    "agreed_models",
    "approve",
    "close",
    "current_window",
    "decide",
    "net",
    "next_cut_offs",
    "overview",
    "participant_codes",
    "propose_abort",
    "propose_adjustment",
    "propose_model",
    "read_model",
    "reconcile",
    "reject",
    "replay",
    "settle_due",
    "stuck",
    "submit",
    "what_if",
    "window_numbered",
    "windows",
]
