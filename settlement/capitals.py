"""An amount of CNY in the capital figures of contracts and cheques: nobody turns 壹 into 拾 with a stroke."""

from typing import Final

FIGURES: Final = "零壹贰叁肆伍陆柒捌玖"
LETTERS: Final = f"人民币{FIGURES}拾佰仟万亿元角分整"
"""All that an amount can be written with."""

_UNITS: Final = ((10**8, "亿"), (10**4, "万"), (1000, "仟"), (100, "佰"), (10, "拾"))
_FEN: Final = 100
_JIAO: Final = 10


def capitals(fen: int) -> str:
    """`人民币壹仟零伍元陆角整` for 100560 fen, not negative."""
    yuan, rest = divmod(fen, _FEN)
    jiao, last = divmod(rest, _JIAO)
    text = f"人民币{_whole(yuan)}元" if yuan or not rest else "人民币"
    if jiao:
        text += f"{FIGURES[jiao]}角"
    elif yuan and last:
        text += FIGURES[0]
    return text + (f"{FIGURES[last]}分" if last else "整")


def _whole(number: int) -> str:
    for value, unit in _UNITS:
        if number >= value:
            many, rest = divmod(number, value)
            gap = FIGURES[0] if 0 < rest < value // _JIAO else ""
            return _whole(many) + unit + gap + (_whole(rest) if rest else "")
    return FIGURES[number]
