"""The truth: accounts, transfers, lots, posting, seals, audit. Knows nothing of brands or members."""

from ledger.account import Account as Account
from ledger.account import Limit as Limit
from ledger.asset import Asset as Asset
from ledger.asset import AssetKind as AssetKind
from ledger.asset import open_assets as open_assets
from ledger.outcome import Outcome as Outcome
from ledger.status import Status as Status
from ledger.transfer import Balancing as Balancing
from ledger.transfer import Kind as Kind
from ledger.transfer import LotTerms as LotTerms
from ledger.transfer import Transfer as Transfer
