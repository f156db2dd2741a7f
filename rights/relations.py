"""What is behind the postings of rights' prices as a relation, for other packages' set-based SQL."""

from typing import Final

POINTS_ORIGINS: Final = """
SELECT id AS reference, price_program_id AS program_id, membership_id, '' AS brand_reference,
    false AS gains
FROM rights_grant WHERE price_program_id IS NOT NULL
"""
"""Whose points of which program paid for a grant: (reference, program_id, membership_id, brand_reference, gains)."""
