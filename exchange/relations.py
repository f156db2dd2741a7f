"""What is behind exchanges' and movements' postings as a relation, for other packages' set-based SQL."""

from typing import Final

POINTS_ORIGINS: Final = """
SELECT id AS reference, source_program_id AS program_id, source_membership_id AS membership_id,
    '' AS brand_reference, false AS gains
FROM exchange_exchange
UNION ALL
SELECT id, target_program_id, target_membership_id, '', true FROM exchange_exchange
UNION ALL
SELECT id, program_id, membership_id, idempotency_key, NULL FROM exchange_movement
UNION ALL
SELECT reversal.id, source_program_id, source_membership_id, '', true
FROM exchange_reversal AS reversal JOIN exchange_exchange AS reversed ON reversed.id = exchange_id
UNION ALL
SELECT reversal.id, target_program_id, target_membership_id, '', false
FROM exchange_reversal AS reversal JOIN exchange_exchange AS reversed ON reversed.id = exchange_id
"""
"""Whose points of which program a reference moved: (reference, program_id, membership_id, brand_reference, gains).

`gains` is null where nothing moves between participants.
"""
