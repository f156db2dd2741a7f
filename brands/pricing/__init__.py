"""Changing prices: submitted by one person, approved by another, refused when a circle could profit."""

from brands.pricing.deciding import ApprovalRefusal as ApprovalRefusal
from brands.pricing.deciding import RejectionRefusal as RejectionRefusal
from brands.pricing.deciding import approve as approve
from brands.pricing.deciding import reject as reject
from brands.pricing.errors import CircleProfits as CircleProfits
from brands.pricing.errors import DigestDiffers as DigestDiffers
from brands.pricing.errors import NoSuchProgram as NoSuchProgram
from brands.pricing.errors import NothingToEnd as NothingToEnd
from brands.pricing.errors import PauseNotFound as PauseNotFound
from brands.pricing.errors import PriceMoved as PriceMoved
from brands.pricing.errors import PriceUnchanged as PriceUnchanged
from brands.pricing.errors import ProposalDecided as ProposalDecided
from brands.pricing.errors import ProposalNotFound as ProposalNotFound
from brands.pricing.errors import ReasonMissing as ReasonMissing
from brands.pricing.errors import SamePerson as SamePerson
from brands.pricing.errors import TermsUnfit as TermsUnfit
from brands.pricing.pausing import pause as pause
from brands.pricing.pausing import resume as resume
from brands.pricing.proposal import Decision as Decision
from brands.pricing.proposal import Proposal as Proposal
from brands.pricing.proposal import ProposalKind as ProposalKind
from brands.pricing.proposal_rows import proposals as proposals
from brands.pricing.proposing import PriceChange as PriceChange
from brands.pricing.proposing import SubmissionRefusal as SubmissionRefusal
from brands.pricing.proposing import end_pair as end_pair
from brands.pricing.proposing import submit as submit
