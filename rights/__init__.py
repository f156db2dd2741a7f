"""The rights pool: definitions, grants, holds and redemptions.

A right's standing terms are `brands.Right`; here it is granted, shown, redeemed and, in the end, expired.
"""

from rights.claiming import claim, claim_many
from rights.claims import Claim
from rights.code import RightCode
from rights.errors import ClaimRefusal, RedemptionRefusal, UnknownGrant
from rights.expiring import expire_grants
from rights.grants import Grant, grants, grants_by_id
from rights.ports import Honoured, Outbox
from rights.redeeming import redeem, redeem_many
from rights.redemptions import Redeemed, Redemption, redemptions_by_id
from rights.showing import OfflineKey, offline_key, right_code

__all__ = [
    "Claim",
    "ClaimRefusal",
    "Grant",
    "Honoured",
    "OfflineKey",
    "Outbox",
    "Redeemed",
    "Redemption",
    "RedemptionRefusal",
    "RightCode",
    "UnknownGrant",
    "claim",
    "claim_many",
    "expire_grants",
    "grants",
    "grants_by_id",
    "offline_key",
    "redeem",
    "redeem_many",
    "redemptions_by_id",
    "right_code",
]
