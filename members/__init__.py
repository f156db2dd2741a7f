"""OneID: identifiers, memberships and the people behind them."""

from members.blocks import block, unblock
from members.card_links import CardDetails, card_details
from members.changes import identity_changes
from members.display import Display, display
from members.erasure import erase
from members.errors import ImportRefused, SameRecord, UnknownMember, UnusableIdentity
from members.identifiers import Identifier, IdentifierType
from members.importing import Progress, import_file
from members.keys import MemberKeys
from members.linking import Card, CardRefusal, CardTaken, NumberUnusable, link_card, unlink_card
from members.member import Member, members_of, names_of
from members.memberships import (
    Membership,
    MembershipStatus,
    membership_by_number,
    memberships,
    memberships_by_id,
    memberships_by_number,
)
from members.ports import SignInProvider, TierChange
from members.report import Difference, ImportReport
from members.resolution import Doubt, Verdict
from members.reviews import Review, open_reviews
from members.row import BrokenRow
from members.sign_in import SignInIdentity, sign_in
from members.tiers import change_tier
from members.verdicts import Decision, decide

__all__ = [
    "BrokenRow",
    "Card",
    "CardDetails",
    "CardRefusal",
    "CardTaken",
    "Decision",
    "Difference",
    "Display",
    "Doubt",
    "Identifier",
    "IdentifierType",
    "ImportRefused",
    "ImportReport",
    "Member",
    "MemberKeys",
    "Membership",
    "MembershipStatus",
    "NumberUnusable",
    "Progress",
    "Review",
    "SameRecord",
    "SignInIdentity",
    "SignInProvider",
    "TierChange",
    "UnknownMember",
    "UnusableIdentity",
    "Verdict",
    "block",
    "card_details",
    "change_tier",
    "decide",
    "display",
    "erase",
    "identity_changes",
    "import_file",
    "link_card",
    "members_of",
    "membership_by_number",
    "memberships",
    "memberships_by_id",
    "memberships_by_number",
    "names_of",
    "open_reviews",
    "sign_in",
    "unblock",
    "unlink_card",
]
