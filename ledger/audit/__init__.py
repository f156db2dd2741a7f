"""Proof that the books are whole: everything that can be recomputed is recomputed and compared."""

from ledger.audit.checks import CHECKS as CHECKS
from ledger.audit.finding import AuditReport as AuditReport
from ledger.audit.finding import Finding as Finding
from ledger.audit.recomputing import Expected as Expected
from ledger.audit.recomputing import TransfersOf as TransfersOf
from ledger.audit.run import AuditProgress as AuditProgress
from ledger.audit.run import audit as audit
from ledger.audit.span import AuditCheck as AuditCheck
from ledger.audit.span import Books as Books
from ledger.audit.span import Span as Span
from ledger.audit.span import SqlCheck as SqlCheck
