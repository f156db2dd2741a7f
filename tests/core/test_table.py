"""A brand's file as rows of cells."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from tempfile import TemporaryFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brands import Encoding, MemberColumns, MemberFile
from core.errors import Refusal
from core.table import LINE_LENGTH_MAX, Row, Unimportable, open_table, rows, survey
from core.table_errors import EmptyFile, FileUnreadable, LineTooLong, NotAText, WrongEncoding

COLUMNS = MemberColumns(number="a", tier="b", balance="c", enrolled_on="d")
UTF_8 = MemberFile(columns=COLUMNS)
GB18030 = MemberFile(columns=COLUMNS, encoding=Encoding.GB18030, delimiter="\t")


@contextmanager
def _file(content: bytes) -> Iterator[FileIO]:
    with TemporaryFile() as written:
        written.write(content)
        written.flush()
        with os.fdopen(os.dup(written.fileno()), "rb", buffering=0) as file:
            yield file


def _rows(content: bytes, form: MemberFile = UTF_8) -> list[Row]:
    with _file(content) as file:
        return list(rows(file, form))


def _refusal(content: bytes, form: MemberFile = UTF_8) -> Refusal:
    with _file(content) as file, pytest.raises(Unimportable) as unimportable:
        survey(file, form)
    return unimportable.value.refusal


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_lines(ending: str, mark: str) -> None:
    """Any line ending, with a byte order mark or without, with a last line end or without; blank lines are counted."""
    content = mark + ending.join(["a,b", "", "1,2", " , ", "3,4"])
    assert _rows(content.encode()) == [Row(1, ("a", "b")), Row(3, ("1", "2")), Row(5, ("3", "4"))]


def test_gb18030() -> None:
    """Chinese as most Chinese systems write it, beyond GBK included."""
    assert _rows("卡号\t姓名\r\n1\t㐂🀄\r\n".encode("gb18030"), GB18030)[1] == Row(2, ("1", "㐂🀄"))


def test_quoted() -> None:
    """Quotation marks hold delimiters, quotation marks and line ends; the line is the one where the row begins."""
    content = b'a,b\n"x, ""y""",1\n"two\nlines",2\nz,3\n'
    assert _rows(content)[1:] == [Row(2, ('x, "y"', "1")), Row(3, ("two\nlines", "2")), Row(5, ("z", "3"))]


@pytest.mark.parametrize(
    "bad", ['"never closed,1', '"closed"x,1', 'ab"c,1'], ids=["open", "text after the mark", "mark inside"]
)
def test_stray_mark(bad: str) -> None:
    """A stray quotation mark costs at most its own row; those after it are read."""
    found = _rows(f"a,b\n{bad}\nx,1\ny,2\n".encode())
    assert [row.line for row in found] == [1, 2, 3, 4]
    assert (not found[1].fault) == (bad == 'ab"c,1')
    assert found[2:] == [Row(3, ("x", "1")), Row(4, ("y", "2"))]


def test_two_stray_marks() -> None:
    """Two rows that each open a quotation mark do not make one row of all between them."""
    found = _rows(b'a,b\n"u,1\nx,1\n"v,2\ny,2\n')
    assert [(row.line, not row.fault) for row in found] == [(1, True), (2, False), (3, True), (4, False), (5, True)]


def test_undecodable() -> None:
    """Bytes that cannot be decoded damage their cell and nothing else."""
    with _file(b"a,b\nx,1\n\xff\xfe,2\n") as file:
        content = survey(file, UTF_8)
    assert (content.headers, content.row_count) == (("a", "b"), 2)
    assert _rows(b"a,b\n\xff\xfe,2\ny,3\n")[1:] == [Row(2, ("\udcff\udcfe", "2")), Row(3, ("y", "3"))]


@pytest.mark.parametrize(
    ("content", "form", "refusal"),
    [
        (b"", UTF_8, EmptyFile()),
        (b"\xef\xbb\xbf\r\n\r\n", UTF_8, EmptyFile()),
        (b"a,b\n1,2\x00\n", UTF_8, NotAText(2)),
        ("a,b\n1,2\n".encode("utf-16"), UTF_8, NotAText(1)),
        (b"a,b\n1," + b"x" * LINE_LENGTH_MAX, UTF_8, LineTooLong(2, LINE_LENGTH_MAX)),
        ("卡号,姓名\n1,陈\n".encode("gb18030"), UTF_8, WrongEncoding("utf-8", 1)),
        (b"a,b\n" + "1,陈\n".encode("gb18030") * 4, UTF_8, WrongEncoding("utf-8", 2)),
        (b"a,b\n" + b"1,2\n" * 90 + b"\xff,2\n" * 5, UTF_8, WrongEncoding("utf-8", 92)),
    ],
    ids=["empty", "blank", "NUL", "UTF-16", "long line", "headers", "few rows", "many rows"],
)
def test_refused(content: bytes, form: MemberFile, refusal: Refusal) -> None:
    """What is not a text in the named encoding is refused as a whole, with the line."""
    assert _refusal(content, form) == refusal


def test_long_line_behind_an_open_mark() -> None:
    """Looking ahead for the end of a row does not shift the numbers of lines."""
    content = b'a,b\n"x,1\n' + b"y" * (LINE_LENGTH_MAX + 1)
    assert _refusal(content) == LineTooLong(3, LINE_LENGTH_MAX)


def test_unreadable(tmp_path: Path) -> None:
    """What is no file, or not ours to read, is refused with the system's reason."""
    for path, reason in (
        (tmp_path / "none.csv", f"{tmp_path / 'none.csv'}: No such file or directory"),
        (tmp_path, f"{tmp_path} is not a regular file"),
        (Path("a\0b"), "a\0b: embedded null byte"),
    ):
        with pytest.raises(Unimportable) as unimportable, open_table(path):
            pass
        assert unimportable.value.refusal == FileUnreadable(reason)


@given(st.binary(max_size=400), st.sampled_from([UTF_8, GB18030]))
def test_any_bytes(content: bytes, form: MemberFile) -> None:
    """Whatever the bytes, a file is read to its end or refused; lines are numbered upwards."""
    with _file(content) as file:
        try:
            found = survey(file, form)
        except Unimportable:
            return
        lines = [row.line for row in rows(file, form)]
    assert lines == sorted(set(lines))
    assert len(lines) == found.row_count + 1
