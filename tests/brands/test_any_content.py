"""Whatever a file holds, the answer is a configuration or a list of problems."""

import tomllib
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from brands import BrandConfig, ConfigRefused, parse_network
from core.amounts import format_amount
from tests.brands.samples import CAFE, EXAMPLES, HOTEL, bend, read

LINES = HOTEL.splitlines()
JUNK = st.sampled_from(
    [
        "",
        "x",
        "= 1",
        "[",
        "]]",
        "kind = 3",
        "[brands]",
        "[brands.inn]",
        "scale = -1",
        "tiers = 1",
        "rate = []",
        "a.b = 1",
    ]
)
SCALARS = st.one_of(
    st.none().map(lambda _: "true"),
    st.integers().map(str),
    st.floats().map(repr),
    st.just('"x"'),
    st.just("2026-01-01"),
)


def settled(content: bytes) -> BrandConfig | ConfigRefused:
    found = parse_network(content)
    if isinstance(found, ConfigRefused):
        assert found.problems
        assert all(problem.message[-1] in ".?" for problem in found.problems)
    return found


@given(st.binary(max_size=200))
def test_any_bytes(content: bytes) -> None:
    """Bytes out of nowhere never are a network."""
    assert isinstance(settled(content), ConfigRefused)


@given(st.lists(st.tuples(st.integers(0, len(LINES) - 1), JUNK), max_size=3))
def test_lines_replaced(edits: list[tuple[int, str]]) -> None:
    """Lines lost or spoilt are problems with sentences, never errors."""
    lines = list(LINES)
    for place, junk in edits:
        lines[place] = junk
    settled("\n".join(lines).encode())


@given(st.integers(0, len(LINES) - 1), SCALARS)
def test_a_value_of_any_type_anywhere(place: int, value: str) -> None:
    """Every key copes with a value of every type."""
    key, equals, _ = LINES[place].partition(" = ")
    lines = [*LINES[:place], f"{key} = {value}", *LINES[place + 1 :]] if equals else LINES
    settled("\n".join(lines).encode())


@given(st.integers(0, 4), st.integers(1, 10**6), st.integers(0, 10**6), st.data())
def test_prices_come_out_exact_at_every_scale(scale: int, sell: int, spread: int, data: st.DataObject) -> None:
    """CNY per point becomes micro-CNY per minor unit without losing a digit."""
    places = 6 - scale
    written = format_amount(sell, places), format_amount(sell + spread, places)
    text = bend(CAFE, "scale = 0", f"scale = {scale}")
    text = bend(text, 'sell = "1", buy = "1"', f'sell = "{written[0]}", buy = "{written[1]}"')
    program = read(text).network.programs["CAFE"]
    assert (program.price(program.rate.sell), program.price(program.rate.buy)) == (sell, sell + spread)
    points = data.draw(st.integers(0, 10**9))
    assert program.points(format_amount(points, scale)) == points


def count_leaves(table: Mapping[str, Any]) -> int:
    return sum(count_leaves(value) if isinstance(value, dict) else 1 for value in table.values())


FREE = (".failures", ".body", ".input")
"""Tables whose keys are a brand's own words."""


def test_every_single_key_matters() -> None:
    """Misspelling any key of the examples is noticed."""
    for path in sorted(EXAMPLES.glob("*.toml")):
        lines = path.read_text("utf-8").splitlines()
        is_free = False
        for place, line in enumerate(lines):
            key, equals, value = line.partition(" = ")
            if line.startswith("["):
                is_free = line.rstrip("]").endswith(FREE)
            named = key.startswith(("#", " ", "AURORA", "KOPI", "MERIDIAN")) or " = { name" in line
            if equals and not named and not is_free:
                spoilt = "\n".join([*lines[:place], f"{key}x = {value}", *lines[place + 1 :]])
                assert isinstance(settled(spoilt.encode()), ConfigRefused), line
        assert count_leaves(tomllib.loads("\n".join(lines))) > len(lines) / 3
