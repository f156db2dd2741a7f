"""What must hold for the files that are exchanged with a brand."""

from brands.adapter.adapter import Adapter
from brands.adapter.drop_folder import AnswerFile, InstructionFile
from brands.adapter.known import CONTROL, FILE_NAME, file_row
from brands.config.problems import Path, Problems
from brands.config.templates import check_template
from brands.member_file import DateForm


def check_drop_folder(path: Path, adapter: Adapter, problems: Problems) -> None:
    """Note everything that does not hold."""
    folder = adapter.drop_folder
    if folder is None:
        problems.add(path, "This is missing.")
        return
    if folder.day_form is DateForm.EXCEL:
        problems.add((*path, "day_form"), "Days are written as text.")
    _check_instructions((*path, "instructions"), folder.instructions, adapter, problems)
    _check_answers((*path, "answers"), folder.answers, problems)


def _check_instructions(path: Path, file: InstructionFile, adapter: Adapter, problems: Problems) -> None:
    used = check_template((*path, "name"), file.name, FILE_NAME, problems)
    if not {"day", "number"} <= used:
        problems.add((*path, "name"), "Names differ from file to file: use ${day} and ${number}.")
    if "/" in file.name or "\\" in file.name or file.name.startswith("."):
        problems.add((*path, "name"), "A file's name holds no slash and does not begin with a dot.")
    known, told = file_row(adapter.amounts), set[str]()
    for column in file.columns:
        told |= check_template((*path, "columns", column.header), column.value, known, problems)
    _check_told((*path, "columns"), told, problems)
    figures = set[str]().union(*(check_template((*path, "control"), text, CONTROL, problems) for text in file.control))
    if not {"count", "total"} <= figures:
        problems.add((*path, "control"), "The control row must hold ${count} and ${total}.")
    if len({column.header for column in file.columns}) < len(file.columns):
        problems.add((*path, "columns"), "A header stands twice.")
    if len(file.control) > len(file.columns):
        problems.add((*path, "control"), "The control row is wider than the columns.")


def _check_told(path: Path, told: set[str], problems: Problems) -> None:
    for name in ("reference", "amount", "member"):
        if name not in told:
            problems.add(path, f"A row must carry ${{{name}}}.")
    if not told & {"operation", "word"}:
        problems.add(path, "A row must say what is to be done: ${word} or ${operation}.")


def _check_answers(path: Path, file: AnswerFile, problems: Problems) -> None:
    words = [*file.done, *file.failed, *file.pending]
    if not file.done or not file.failed:
        problems.add(path, "Which words mean done, which failed?")
    if len(set(words)) < len(words):
        problems.add(path, "A word cannot mean two things.")
