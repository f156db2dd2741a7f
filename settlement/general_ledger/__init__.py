"""The journal for a general ledger, and the chart of accounts that it is written in."""

from settlement.general_ledger.exporting import Exported, Extent, export_journal
from settlement.general_ledger.forms import JOURNAL_FORMS

__all__ = ["JOURNAL_FORMS", "Exported", "Extent", "export_journal"]
