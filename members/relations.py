"""Memberships as a relation, for other packages' set-based SQL."""

from typing import Final

NUMBERS: Final = "SELECT id AS membership_id, number FROM members_membership"
"""The numbers of memberships: (membership_id, number); null once erased."""
