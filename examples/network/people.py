"""The people in the example network's exports. None of them exists."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

PROGRAMS = ("AURORA", "MERIDIAN", "KOPI")
SEED = 20260115
MEMBERS = 5_000
"""In each file."""
SHARED_BY_ALL = 600
"""People in all three files; the demo member is the first of them."""
SHARED_BY_TWO = 300
"""People in each pair of files, beside those."""

_PREFIXES = [f"1{second}{third}" for second in "38" for third in range(10)]
_FAMILIES = """
陈Chen 何He 江Jiang 柯Ke 梁Liang 孟Meng 倪Ni 潘Pan 秦Qin 饶Rao 沈Shen 陶Tao 温Wen 夏Xia 叶Ye 邹Zou
"""
_GIVEN = """
安An 冰Bing 初Chu 朵Duo 帆Fan 谷Gu 禾He 嘉Jia 岚Lan 墨Mo 宁Ning 朴Pu 晴Qing 若Ruo 松Song 汀Ting 舟Zhou
"""
_DOMAINS = ("example.com", "example.net", "example.org", "Example.COM")
_HOUSEHOLD = 50


@dataclass(frozen=True)
class Person:
    """Somebody made up."""

    family: str
    """A character, then its sound."""
    given: tuple[str, ...]
    phone: str
    """Eleven digits."""
    email: str
    unionid: str

    @property
    def name_zh(self) -> str:
        """Family name first, in characters."""
        return self.family[0] + "".join(part[0] for part in self.given)

    @property
    def sounds(self) -> tuple[str, str]:
        """Family name and given name in Latin letters."""
        return self.family[1:], "".join(part[1:] for part in self.given).capitalize()


DEMO = Person("吕Lyu", ("客Ke",), "13800001234", "lyu.ke@example.com", "oAgioDemoLyuKe00000000001")
"""The member of the demonstration: one person, found in all three files."""

TEST_PHONE = "13800138000"
"""What clerks type in for members without a phone; it connects nobody."""

SHOP_PHONE = "13900007777"
"""A shop's telephone in the rows of many members; it must not make them one person."""


def people() -> dict[str, list[Person]]:
    """The members of each program, DEMO first."""
    dice = Random(SEED)
    strangers = crowd(dice, SHARED_BY_ALL + 3 * (SHARED_BY_TWO + MEMBERS))
    everywhere = [DEMO, *(next(strangers) for _ in range(SHARED_BY_ALL - 1))]
    pairs = [[next(strangers) for _ in range(SHARED_BY_TWO)] for _ in range(3)]
    members = {}
    for place, program in enumerate(PROGRAMS):
        found = everywhere[1:] + pairs[place] + pairs[place - 1]
        found += [next(strangers) for _ in range(MEMBERS - 1 - len(found))]
        dice.shuffle(found)
        members[program] = [DEMO, *_households(found)]
    return members


def _households(found: Sequence[Person]) -> Iterator[Person]:
    """Here and there two members of one program have one phone number: perhaps a couple, perhaps one person."""
    for place, person in enumerate(found):
        yield replace(person, phone=found[place - 1].phone) if place % 400 == _HOUSEHOLD else person


def crowd(dice: Random, size: int) -> Iterator[Person]:
    """At most `size` people, each with a phone number of their own."""
    for serial, tail in enumerate(dice.sample(range(1, len(_PREFIXES) * 10_000), size)):
        prefix, digits = _PREFIXES[tail // 10_000], tail % 10_000
        if digits == 0 or f"{prefix}0000{digits:04}" in {DEMO.phone, SHOP_PHONE}:
            continue
        family, given = dice.choice(_FAMILIES.split()), tuple(dice.sample(_GIVEN.split(), dice.choice((1, 2, 2))))
        email = f"{given[0][1:]}.{family[1:]}{serial}@{dice.choice(_DOMAINS)}"
        unionid = "o" + "".join(dice.choices("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789-_", k=27))
        yield Person(family, given, f"{prefix}0000{digits:04}", email, unionid)
