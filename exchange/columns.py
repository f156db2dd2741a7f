"""The columns that quotes and exchanges share, read back into values."""

import asyncpg

from exchange.offers import Side
from exchange.rates import Conversion


def sides(row: asyncpg.Record) -> tuple[Side, Side]:
    """Source and target."""
    return (
        Side(row["source_program_id"], row["source_membership_id"], row["source_rate_id"]),
        Side(row["target_program_id"], row["target_membership_id"], row["target_rate_id"]),
    )


def conversion(row: asyncpg.Record) -> Conversion:
    """What becomes what."""
    return Conversion(
        row["source_amount"],
        row["target_amount"],
        row["value_micro"],
        row["fee_micro"],
        row["credit_micro"],
        row["rounding_micro"],
    )
