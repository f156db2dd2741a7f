"""Reads the text of one program's adapter as strictly as a network file: every problem at once, with place and line."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from brands.adapter.adapter import Adapter
from brands.config.adapters import check_adapter
from brands.config.lines import line_of, lines_of
from brands.config.problems import Path, Problems, TooManyProblems
from brands.config.reader import read_section
from brands.config.source import Source, parse_source
from brands.errors import ConfigRefused, Problem
from brands.program import Program

SOURCE: Final = "configuration"
"""What problems call the text."""


def read_adapter(program: Program, text: str) -> Adapter | ConfigRefused:
    """The adapter that the text describes: TOML, as it stands below `[programs.CODE.adapter]` of a network file.

    The headers may be written in full, as in the file, or without what all of them begin with.
    """
    source = parse_source(SOURCE, text.encode(errors="surrogatepass"))
    if isinstance(source, Problem):
        return ConfigRefused((source,))
    above = _above(source.tables, program.code)
    problems, adapter = Problems(), Adapter()
    with suppress(TooManyProblems):
        adapter = read_section(Adapter, _within(source.tables, above), problems)
        check_adapter((), adapter, program.scale, problems)
        _check_book(program, adapter, problems)
    return ConfigRefused(tuple(_listed(source, program, above, problems))) if problems else adapter


def _check_book(program: Program, adapter: Adapter, problems: Problems) -> None:
    if adapter.book_of_record is not program.adapter.book_of_record:
        where = "the brand's own books" if program.booked_by_brand else "our ledger"
        place = ("capabilities", "book_of_record")
        problems.add(place, f"Members have their points in {where}; that never changes.")


def _above(tables: Mapping[str, object], code: str) -> Path:
    """The keys above the adapter's own, where the text writes them."""
    path = ("programs", code, "adapter")
    found: object = tables
    for key in path:
        if not isinstance(found, dict) or found.keys() != {key}:
            return ()
        found = found[key]
    return path


def _within(tables: Mapping[str, object], above: Path) -> object:
    found: object = tables
    for key in above:
        assert isinstance(found, dict), "it was looked through before"
        found = found[key]
    return found


def _listed(source: Source, program: Program, above: Path, problems: Problems) -> list[Problem]:
    lines, place = lines_of(source.text), ("programs", program.code, "adapter")
    found = [
        Problem(".".join((*place, *path)), message, line_of(lines, (*above, *path)), source.name)
        for path, message in problems.found.items()
    ]
    return sorted(found, key=lambda problem: problem.line or 0)
