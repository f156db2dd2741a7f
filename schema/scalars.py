"""Scalars of the graph."""

from typing import NewType

import strawberry

from schema.errors import BadInput

TEXT_MAX = 40
"""Characters of the longest amount anybody may send."""

Amount = NewType("Amount", str)
"""An exact amount as a decimal string. What it means is decided by the asset's decimals, so resolvers parse it."""


def _parse(value: object) -> Amount:
    if not isinstance(value, str) or len(value) > TEXT_MAX:
        raise BadInput('An Amount is a decimal number in a string, such as "1250.00".')
    return Amount(value)


AMOUNT_SCALAR = strawberry.scalar(
    name="Amount",
    description='An exact amount as a decimal string, such as "1250" or "12.50"; never a float.',
    serialize=str,
    parse_value=_parse,
)
"""How `Amount` crosses the wire."""
