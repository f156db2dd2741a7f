"""Amounts in capital figures, as the rules for notes and settlement vouchers write them."""

import pytest

from settlement.capitals import LETTERS, capitals


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (10, "壹角整"),
        (16, "壹角陆分"),
        (1_00, "壹元整"),
        (1_05, "壹元零伍分"),
        (10_50, "壹拾元伍角整"),
        (1_409_50, "壹仟肆佰零玖元伍角整"),
        (6_007_14, "陆仟零柒元壹角肆分"),
        (1_680_32, "壹仟陆佰捌拾元叁角贰分"),
        (107_000_53, "壹拾万柒仟元伍角叁分"),
        (100_005_00, "壹拾万零伍元整"),
        (100_000_001_00, "壹亿零壹元整"),
        (1_000_200_000_000_00, "壹万零贰亿元整"),
        (9_223_372_036_854_77, "玖万贰仟贰佰叁拾叁亿柒仟贰佰零叁万陆仟捌佰伍拾肆元柒角柒分"),
    ],
)
def test_an_amount(fen: int, text: str) -> None:
    assert capitals(fen) == f"人民币{text}"
    assert set(capitals(fen)) <= set(LETTERS)
