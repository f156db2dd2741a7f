"""Files that cannot be read, decoded or parsed at all have one problem, and it says where."""

from pathlib import Path

import pytest

from brands import BrandConfig, ConfigRefused, load_network_file, load_network_files, parse_network
from brands.config.source import FILE_BYTES_MAX
from tests.brands.samples import CAFE, HOTEL, bend


def one_problem(content: bytes) -> str:
    found = parse_network(content, "sample.toml")
    assert isinstance(found, ConfigRefused)
    assert len(found.problems) == 1
    return found.message


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[brands.a]\nname = \n", "sample.toml:2: The file is not valid TOML: Invalid value."),
        ("[brands.a", "sample.toml:1: The file is not valid TOML: Expected ']' at the end of a table declaration."),
        ('a = """\n\n', "sample.toml:3: The file is not valid TOML: Unterminated string."),
        (
            "[brands.a]\n[brands.b]\n[brands.a]\n",
            "sample.toml:3: A table or key stands twice in the file: Cannot declare ('brands', 'a') twice.",
        ),
        ("a = 1\na = 2\n", "sample.toml:2: A table or key stands twice in the file: Cannot overwrite a value."),
        ("a = " + "[" * 100_000, "sample.toml: The file is nested too deeply or holds a number that is too long."),
        ("a = " + "9" * 5_000, "sample.toml: The file is nested too deeply or holds a number that is too long."),
    ],
)
def test_text_that_is_not_toml(text: str, problem: str) -> None:
    """The parser's reason, in a sentence, with the line."""
    assert one_problem(text.encode()) == problem


def test_bytes_that_are_not_utf_8() -> None:
    """A file in another encoding is refused at the first line that shows it."""
    content = bend(HOTEL, "客栈", "X").encode().replace(b'"X"', '"客栈"'.encode("gb18030"))
    assert one_problem(content) == "sample.toml:10: The file is not UTF-8 text."


def test_a_byte_order_mark_and_windows_line_ends_are_welcome() -> None:
    """What Notepad saves can be read, and lines are counted right."""
    content = b"\xef\xbb\xbf" + HOTEL.replace("\n", "\r\n").encode()
    assert isinstance(parse_network(content), BrandConfig)
    assert one_problem(content.replace(b"fee_bp = 100", b"fee_bp = -1")) == (
        "sample.toml:39: programs.HOTEL.rate.fee_bp: This must lie between 0 and 5000."
    )


def test_a_file_of_the_largest_size_is_read_and_one_byte_more_is_not() -> None:
    """The limit is exact, and what is beyond it is not parsed."""
    filler = FILE_BYTES_MAX - len(CAFE.encode())
    assert isinstance(parse_network(CAFE.encode() + b"#" * filler), BrandConfig)
    assert one_problem(CAFE.encode() + b"#" * (filler + 1)) == "sample.toml: The file is larger than 2,097,152 bytes."


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """The system's own reason is passed on."""
    found = load_network_file(tmp_path / "no.toml")
    assert isinstance(found, ConfigRefused)
    assert found.message == "no.toml: The file cannot be read: No such file or directory."


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    """A folder cannot be read as a file."""
    found = load_network_file(tmp_path)
    assert isinstance(found, ConfigRefused)
    assert found.message == f"{tmp_path.name}: The file cannot be read: Is a directory."


def test_the_problems_of_several_files_are_listed_together(tmp_path: Path) -> None:
    """One wrong file keeps the others out, and every wrong one is named."""
    (tmp_path / "good.toml").write_text(CAFE, "utf-8")
    (tmp_path / "bad.toml").write_text("[brands]\n", "utf-8")
    found = load_network_files([tmp_path / "good.toml", tmp_path / "bad.toml", tmp_path / "gone.toml"])
    assert isinstance(found, ConfigRefused)
    assert [str(problem) for problem in found.problems] == [
        "bad.toml:1: brands: The file describes no brand.",
        "gone.toml: The file cannot be read: No such file or directory.",
    ]
