"""Keys are found on the lines on which they stand, whatever stands between them."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brands.config.lines import line_of, lines_of

KEYS = st.text("abcdefghij-_0123456789", min_size=1, max_size=8)
VALUES = st.one_of(
    st.integers().map(str),
    st.sampled_from(["true", '""', "''", '"a # [b]"', "'x = \"'", '"\\"]"', "[1,\n 2]", "[ # [\n]", "{ a = 1 }"]),
    st.sampled_from(
        ['"""\n[x]\ny = 1\n"""', "'''\n# \"\"\"\n'''", '"""a\\""" """', "[\n{ k = '''\n''' },\n]", '""""q""""']
    ),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1\nb.c = 2\n", {("a",): 1, ("b", "c"): 2}),
        ("\n[x.y]\n# z = 1\nz = 1\n", {("x",): 2, ("x", "y"): 2, ("x", "y", "z"): 4}),
        (
            '[ "x" . \'y z\' ]\nk = """\nno = 1\n"""\nyes = 1',
            {("x",): 1, ("x", "y z"): 1, ("x", "y z", "k"): 2, ("x", "y z", "yes"): 5},
        ),
        ("a = [\n  'b = 1',\n]\nc = 1", {("a",): 1, ("c",): 4}),
    ],
)
def test_where_keys_stand(text: str, expected: dict[tuple[str, ...], int]) -> None:
    """Headers and keys, dotted and quoted; nothing inside strings, lists and comments."""
    assert lines_of(text) == expected


def test_the_nearest_line_above_stands_in() -> None:
    """What has no line of its own is placed at what encloses it."""
    lines = lines_of("[a]\nb = { c = 1 }\n")
    assert line_of(lines, ("a", "b", "c")) == 2
    assert line_of(lines, ("a", "z")) == 1
    assert line_of(lines, ("z",)) is None
    assert line_of(lines, ()) is None


@given(st.dictionaries(KEYS, VALUES, max_size=12))
def test_every_key_of_a_table_is_found_on_its_line(entries: dict[str, str]) -> None:
    """Whatever values stand before it."""
    text, expected = "", {}
    for key, value in entries.items():
        expected[(key,)] = text.count("\n") + 1
        text += f"{key} = {value}\n"
    assert tomllib.loads(text).keys() == entries.keys()
    assert lines_of(text) == expected


@given(st.text())
def test_any_text_at_all_can_be_searched(text: str) -> None:
    """Text that is not TOML gives some answer, not an error."""
    assert all(line >= 1 for line in lines_of(text).values())
