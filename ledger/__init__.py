"""The truth: accounts, transfers, lots, posting, seals, audit. Knows nothing of brands or members."""

from ledger.account import Account as Account
from ledger.account import Limit as Limit
from ledger.account import account_id as account_id
from ledger.asset import Asset as Asset
from ledger.asset import AssetKind as AssetKind
from ledger.asset import open_assets as open_assets
from ledger.balance import Balance as Balance
from ledger.balance import balances as balances
from ledger.balance import spendable as spendable
from ledger.cut_off import cut_off as cut_off
from ledger.history import balance_at as balance_at
from ledger.lots import Lot as Lot
from ledger.lots import lots as lots
from ledger.outcome import Outcome as Outcome
from ledger.posting import post as post
from ledger.statement import StatementLine as StatementLine
from ledger.statement import statement as statement
from ledger.status import Status as Status
from ledger.transfer import Balancing as Balancing
from ledger.transfer import Kind as Kind
from ledger.transfer import LotTerms as LotTerms
from ledger.transfer import Transfer as Transfer
from ledger.turnover import Turnover as Turnover
from ledger.turnover import recorded_at as recorded_at
from ledger.turnover import turnover as turnover
