"""The participants: brand tree, programs, tiers, rates and rights, read from network files and put into force.

The ledger accounts they stand for are spelt in `brands.accounts`; their OAuth2 clients are found in `brands.clients`.
"""

from brands.applied import Applied as Applied
from brands.applied import ClientSecret as ClientSecret
from brands.applying import apply as apply
from brands.applying import apply_all as apply_all
from brands.brand import Brand as Brand
from brands.brand import BrandKind as BrandKind
from brands.change import Change as Change
from brands.config.network import BrandConfig as BrandConfig
from brands.config.network import load_network_file as load_network_file
from brands.config.network import load_network_files as load_network_files
from brands.config.network import parse_network as parse_network
from brands.directories import Directory as Directory
from brands.errors import ConfigRefused as ConfigRefused
from brands.errors import Problem as Problem
from brands.expiry import ExpiryDay as ExpiryDay
from brands.expiry import ExpiryRule as ExpiryRule
from brands.member_file import DateForm as DateForm
from brands.member_file import Encoding as Encoding
from brands.member_file import MemberColumns as MemberColumns
from brands.member_file import MemberFile as MemberFile
from brands.operator import OPERATOR_CODE as OPERATOR_CODE
from brands.operator import OPERATOR_ID as OPERATOR_ID
from brands.program import LADDER as LADDER
from brands.program import Adapter as Adapter
from brands.program import AdapterKind as AdapterKind
from brands.program import ExchangeLimits as ExchangeLimits
from brands.program import PeriodLimits as PeriodLimits
from brands.program import Program as Program
from brands.program import Tier as Tier
from brands.rate import Rate as Rate
from brands.rates import rate_history as rate_history
from brands.reading import directory as directory
from brands.reading import directory_at as directory_at
from brands.right import AfterGrant as AfterGrant
from brands.right import FixedDates as FixedDates
from brands.right import Right as Right
from brands.right import RightKind as RightKind
from brands.right import Validity as Validity
from brands.scopes import Scope as Scope
from brands.settlement_models import NETWORK_MODEL as NETWORK_MODEL
from brands.settlement_models import Membership as Membership
from brands.settlement_models import SettlementModels as SettlementModels
from brands.settlement_models import agree_on_models as agree_on_models
from brands.settlement_models import keep_models as keep_models
from brands.settlement_models import models_of as models_of
from brands.statement_file import ControlPlace as ControlPlace
from brands.statement_file import MoneyTolerance as MoneyTolerance
from brands.statement_file import StatementColumns as StatementColumns
from brands.statement_file import StatementControl as StatementControl
from brands.statement_file import StatementFile as StatementFile
from brands.statement_file import StatementForm as StatementForm
from brands.statement_file import Unit as Unit
