"""The ledger's own checks, in the order in which their findings are reported: the nearest to the cause first."""

from collections.abc import Sequence

from ledger.audit import accounts, lots, movements
from ledger.audit.chain import Chain, SealedRows
from ledger.audit.span import AuditCheck

CHECKS: Sequence[AuditCheck] = (
    Chain(),
    SealedRows(),
    movements.ACCOUNTS_OF_TRANSFERS,
    movements.BALANCES,
    movements.BATCHES_OF_BALANCES,
    accounts.ACCOUNTS,
    accounts.OWNERS_OF_BALANCES,
    accounts.IdsOfAccounts(),
    accounts.CLOSINGS,
    accounts.SUMS,
    movements.GROUPS,
    movements.PENDING,
    movements.RESOLUTIONS,
    movements.REVERSALS,
    movements.CLAIMS,
    movements.REFUSALS,
    lots.LOT_MOVEMENTS,
    lots.USES,
    lots.LOTS,
    lots.LOTS_OF_ACCOUNTS,
    lots.EXTENSIONS,
    lots.TERMS,
)
