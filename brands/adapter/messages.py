"""What is said to a brand's system, and how its answers are read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, TypeAlias

from brands.adapter.failures import Failure
from brands.adapter.kinds import Call
from brands.adapter.leaves import DocumentLeaf, ExpressionLeaf, HeaderLeaf, MethodLeaf, StatusLeaf, TemplateLeaf
from brands.config.leaves import ChoiceLeaf, FlagLeaf, TextLeaf

Expression: TypeAlias = Annotated[str, ExpressionLeaf()]
Template: TypeAlias = Annotated[str, TemplateLeaf()]
Header: TypeAlias = Annotated[str, HeaderLeaf()]
AFailure: TypeAlias = Annotated[Failure, ChoiceLeaf(Failure)]
ACall: TypeAlias = Annotated[Call, ChoiceLeaf(Call)]
BrandCode: TypeAlias = Annotated[str, TextLeaf()]
Status: TypeAlias = Annotated[int, StatusLeaf()]


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementMapping:
    """`….answer.movement`: JMESPath over one item of a list of transactions."""

    brand_reference: Expression
    our_reference: Expression | None = None
    number: Expression
    amount: Expression
    """Positive: to the member."""
    recorded_at: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerMapping:
    """`….answer`: JMESPath over `{status, headers, body}`; header names in lower case. True means: it is so."""

    done: Expression | None = None
    pending: Expression | None = None
    failed: Expression | None = None
    not_found: Expression | None = None
    code: Expression | None = None
    """The brand's code for what went wrong, looked up in `failures`."""
    message: Expression | None = None
    brand_reference: Expression | None = None
    reference: Expression | None = None
    """Ours, as the brand repeats it: an answer that repeats another one is not believed."""
    amount: Expression | None = None
    """As the brand repeats it, without a sign: an answer that repeats another one is not believed."""
    recorded_at: Expression | None = None
    ask_after_seconds: Expression | None = None
    balance: Expression | None = None
    as_of: Expression | None = None
    number: Expression | None = None
    link: Expression | None = None
    tier: Expression | None = None
    movements: Expression | None = None
    movement: MovementMapping | None = None
    cursor: Expression | None = None
    """What asks for the next page; nothing: this was the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMapping:
    """`[programs.CODE.adapter.calls.CALL]`."""

    method: Annotated[str, MethodLeaf()] = "POST"
    path: Template | None = None
    query: Mapping[BrandCode, Template] = field(default_factory=dict)
    headers: Mapping[Header, Template] = field(default_factory=dict)
    body: Mapping[str, object] = field(default_factory=dict)
    document: Annotated[str, DocumentLeaf()] | None = None
    """The GraphQL document; `variables` go with it."""
    variables: Mapping[str, object] = field(default_factory=dict)
    validate_first: Annotated[bool, FlagLeaf()] = False
    """Whether `validate` is called before each of these calls, whose `link` it uses: for tokens of a single use."""
    statuses: Mapping[Status, AFailure] = field(default_factory=dict)
    failures: Mapping[BrandCode, AFailure] = field(default_factory=dict)
    answer: AnswerMapping = field(default_factory=AnswerMapping)
