"""The journal for a general ledger, and the chart of accounts that it is written in."""

from settlement.general_ledger.exporting import DayAhead, Exported, Extent, export_journal
from settlement.general_ledger.forms import JOURNAL_FORMS

__all__ = ["JOURNAL_FORMS", "DayAhead", "Exported", "Extent", "export_journal"]
