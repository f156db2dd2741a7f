"""How the nightly files are written: instructions to a brand, answers from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, TypeAlias

from brands.adapter.kinds import Call
from brands.adapter.leaves import TemplateLeaf
from brands.adapter.messages import ACall, AFailure, BrandCode
from brands.config.leaves import ChoiceLeaf, MarkLeaf, TextLeaf
from brands.member_file import DateForm, Encoding

_Text: TypeAlias = Annotated[str, TextLeaf()]
_Template: TypeAlias = Annotated[str, TemplateLeaf()]
_Mark: TypeAlias = Annotated[str, MarkLeaf()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of an instruction file."""

    header: _Text
    value: _Template
    """What stands below the header, of the instruction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstructionFile:
    """`….drop_folder.instructions`: what we write once a day, after the cut-off."""

    name: _Template
    """Of `day` (`20261231`), `program` and `number` (of the file, from 1); the folder keeps every file."""
    columns: tuple[Column, ...]
    """In this order."""
    control: tuple[_Template, ...]
    """The last row, of `count`, `total`, `day`, `program` and `name`: by it the brand sees that the file is whole."""
    words: Mapping[ACall, _Text] = field(default_factory=dict)
    """What the brand calls a debit, a credit and a reversal: `${word}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerColumns:
    """The header of each column; upper and lower case, width and spaces around do not matter."""

    reference: _Text
    """Ours, as it was written."""
    amount: _Text
    status: _Text
    brand_reference: _Text | None = None
    code: _Text | None = None
    message: _Text | None = None
    balance: _Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerControl:
    """The last row of an answer file: a header for each of its figures, which may stand in any columns."""

    mark: _Text
    """What its first cell says: `TOTAL`."""
    count: _Text
    total: _Text
    """The sum of the amounts above."""
    day: _Text
    """Of the instructions that are answered."""
    issuer: _Text
    """Where it says whose file it is."""
    issuer_name: _Text
    """What it says there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFile:
    """`….drop_folder.answers`: what the brand puts into the other folder."""

    columns: AnswerColumns
    control: AnswerControl
    suffix: _Text = ".csv"
    """Other files in the folder are left alone; so are those whose names begin with a dot."""
    done: tuple[_Text, ...]
    """What the status says of an instruction that was carried out."""
    failed: tuple[_Text, ...]
    """What it says of one that was not."""
    pending: tuple[_Text, ...] = ()
    """What it says of one that is decided later."""
    failures: Mapping[BrandCode, AFailure] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DropFolder:
    """`[programs.CODE.adapter.drop_folder]`; where the folders are is each installation's own business."""

    encoding: Annotated[Encoding, ChoiceLeaf(Encoding)] = Encoding.UTF_8
    delimiter: _Mark = ","
    day_form: Annotated[DateForm, ChoiceLeaf(DateForm)] = DateForm.ISO
    instructions: InstructionFile
    answers: AnswerFile

    def word(self, call: Call) -> str:
        """What the brand calls it."""
        return self.instructions.words.get(call, call.value)
