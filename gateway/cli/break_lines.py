"""The lines of breaks as people read them: points with the decimals of their program."""

from collections.abc import Mapping
from typing import TypeAlias

from brands import Directory
from core.amounts import format_amount
from settlement.reconciliation.line import MONEY, MONEY_SCALE, Line

Scales: TypeAlias = Mapping[str, int]
"""Decimals by asset."""


def scales(known: Directory) -> Scales:
    """Of money and all points."""
    return {MONEY: MONEY_SCALE} | {program.asset: program.scale for program in known.programs.values()}


def amount_of(line: Line, decimals: Scales) -> str:
    """`5.00` for 500 points with two decimals; what nobody knows (a brand's own word) has none."""
    return format_amount(line.amount, decimals.get(line.asset, 0))
