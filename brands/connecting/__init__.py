"""Changing how a program's points are reached: submitted by one person, approved by another."""

from brands.connecting.deciding import ApprovalRefusal as ApprovalRefusal
from brands.connecting.deciding import RejectionRefusal as RejectionRefusal
from brands.connecting.deciding import approve as approve
from brands.connecting.deciding import reject as reject
from brands.connecting.errors import ConfigurationMoved as ConfigurationMoved
from brands.connecting.errors import ConfigurationUnchanged as ConfigurationUnchanged
from brands.connecting.errors import SecretUnknown as SecretUnknown
from brands.connecting.errors import SecretUnusable as SecretUnusable
from brands.connecting.proposal import Checked as Checked
from brands.connecting.proposal import Proposal as Proposal
from brands.connecting.proposal import changes_between as changes_between
from brands.connecting.proposal_rows import proposals as proposals
from brands.connecting.proposing import SubmissionRefusal as SubmissionRefusal
from brands.connecting.proposing import check as check
from brands.connecting.proposing import submit as submit
from brands.connecting.secret_steps import KeptSecret as KeptSecret
from brands.connecting.secret_steps import SecretSet as SecretSet
from brands.connecting.secret_steps import remove_secret as remove_secret
from brands.connecting.secret_steps import secrets_of as secrets_of
from brands.connecting.secret_steps import set_secret as set_secret
from brands.connecting.writing import as_toml as as_toml
