"""The truth: accounts, transfers, lots, posting, seals, audit. Knows nothing of brands or members."""

from ledger.account import Account as Account
from ledger.account import Limit as Limit
from ledger.asset import Asset as Asset
from ledger.asset import AssetKind as AssetKind
from ledger.asset import open_assets as open_assets
from ledger.balance import Balance as Balance
from ledger.balance import balances as balances
from ledger.balance import spendable as spendable
from ledger.cut_off import cut_off as cut_off
from ledger.lots import Lot as Lot
from ledger.lots import lots as lots
from ledger.outcome import Outcome as Outcome
from ledger.posting import post as post
from ledger.status import Status as Status
from ledger.transfer import Balancing as Balancing
from ledger.transfer import Kind as Kind
from ledger.transfer import LotTerms as LotTerms
from ledger.transfer import Transfer as Transfer
