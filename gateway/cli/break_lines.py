"""The lines of breaks as people read them: points with the decimals of their program."""

from collections.abc import Mapping
from typing import TypeAlias

from brands import Directory
from core.amounts import format_amount
from settlement.reconciliation.break_kinds import StatedLine
from settlement.reconciliation.breaks import Break
from settlement.reconciliation.line import MONEY, MONEY_SCALE, Line
from settlement.reconciliation.replaced import Replacement

Scales: TypeAlias = Mapping[str, int]
"""Decimals by asset."""


def scales(known: Directory) -> Scales:
    """Of money and all points."""
    return {MONEY: MONEY_SCALE} | {program.asset: program.scale for program in known.programs.values()}


def line_row(side: str, line: Line, decimals: Scales) -> dict[str, object]:
    """One line, and whose."""
    names = ("key", "reference", "asset", "amount", "member", "day")
    return {"side": side} | {name: getattr(line, name) for name in names} | {"amount": amount_of(line, decimals)}


def stated_rows(it: Break, replaced: Mapping[str, Replacement], decimals: Scales) -> list[dict[str, object]]:
    """The brand's lines; one that a correction has replaced is followed by what is valid instead."""
    rows = []
    for each in it.theirs:
        found = replaced.get(each.id)
        if found is None:
            rows.append(line_row("the brand's" if each.booked else "refused", each.line, decimals))
            continue
        rows.append(line_row(_side("replaced" if found.now else "taken back", each), each.line, decimals))
        if found.now:
            rows.append(line_row(_side("valid now", found.now), found.now.line, decimals))
    return rows


def _side(said: str, it: StatedLine) -> str:
    return said if it.booked else f"{said}, refused"


def amount_of(line: Line, decimals: Scales) -> str:
    """`5.00` for 500 points with two decimals; what nobody knows (a brand's own word) has none."""
    return format_amount(line.amount, decimals.get(line.asset, 0))
