"""The operator of the network: a participant like the brands, without a brand of its own."""

from typing import Final
from uuid import UUID

OPERATOR_CODE: Final = "operator"
"""The operator's code in statements and reports. No brand may take it."""

OPERATOR_ID: Final = UUID("018bcfe5-6800-7000-8000-000000000001")
"""The owner of the operator's accounts: its position, the exchange clearing, the bank. Everywhere the same."""
