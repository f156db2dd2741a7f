"""What must hold for the calls of an adapter: their templates find something, their answers can be read."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any, Final

from brands.adapter.adapter import Adapter
from brands.adapter.kinds import FOLLOWING_CALLS, INSTRUCTIONS, AdapterKind, BookOfRecord, Call
from brands.adapter.known import ANSWER, SIGNED, sample
from brands.adapter.messages import AnswerMapping, CallMapping
from brands.config.documents import check_document
from brands.config.problems import Path, Problems
from brands.config.templates import check_body, check_expression, check_template

_NEEDED: Final[Mapping[Call, tuple[str, ...]]] = {
    Call.BALANCE: ("balance",),
    Call.TIER: ("tier",),
    Call.TRANSACTIONS: ("movements", "movement"),
    **dict.fromkeys((*INSTRUCTIONS, Call.INQUIRE), ("done",)),
}
"""What the answer to each call must be mapped to."""


def check_calls(path: Path, adapter: Adapter, problems: Problems) -> None:
    """Note everything that does not hold."""
    for call, reason in calls_promised(adapter):
        if call not in adapter.calls:
            problems.add((*path, "calls"), f"The call {call} is missing: {reason}.")
    if adapter.authentication.text is not None:
        check_template((*path, "authentication", "text"), adapter.authentication.text, SIGNED, problems)
    _check_headers(path, adapter, problems)
    _check_expressions((*path, "answer"), adapter.answer, problems)
    for call, mapping in adapter.calls.items():
        _check_call((*path, "calls", call), call, mapping, adapter, problems)


def calls_promised(adapter: Adapter) -> Iterator[tuple[Call, str]]:
    """The calls that the capabilities promise, each with the reason."""
    section = adapter.section
    yield Call.VALIDATE, "a member's number is checked before anything is exchanged"
    if section.book_of_record is BookOfRecord.PLATFORM:
        return
    yield from dict.fromkeys((Call.BALANCE, Call.DEBIT, Call.CREDIT), "the brand's books decide").items()
    if section.hold:
        yield from dict.fromkeys((Call.HOLD, Call.CAPTURE, Call.RELEASE), "capabilities say hold = true").items()
    if section.inquiry:
        yield Call.INQUIRE, "capabilities say inquiry = true"
    if section.reversal:
        yield Call.REVERSE, "capabilities say reversal = true"


def answer_of(adapter: Adapter, mapping: CallMapping) -> AnswerMapping:
    """How a call's answer is read: what it says itself, and the rest as all calls."""
    own = {field.name: getattr(mapping.answer, field.name) for field in fields(AnswerMapping)}
    return replace(adapter.answer, **{name: found for name, found in own.items() if found is not None})


def _check_headers(path: Path, adapter: Adapter, problems: Problems) -> None:
    """Headers of all calls can use only what all calls know."""
    for name, template in adapter.headers.items():
        check_template((*path, "headers", name), template, sample(Call.HEALTH, adapter.amounts), problems)


def _check_call(path: Path, call: Call, mapping: CallMapping, adapter: Adapter, problems: Problems) -> None:
    used: set[str] = set()
    known = sample(call, adapter.amounts)
    for name, template in _texts(mapping):
        used |= check_template((*path, *name), template, known, problems)
    if adapter.kind is AdapterKind.GRAPHQL:
        used |= check_body((*path, "variables"), mapping.variables, known, problems)
        check_document(path, mapping, adapter.sdl, problems)
    else:
        used |= check_body((*path, "body"), mapping.body, known, problems)
        _check_rest(path, mapping, problems)
    _check_used(path, call, used, adapter, problems)
    _check_expressions((*path, "answer"), mapping.answer, problems)
    _check_answer((*path, "answer"), call, answer_of(adapter, mapping), problems)
    if mapping.validate_first and call not in INSTRUCTIONS:
        problems.add((*path, "validate_first"), "Only instructions are preceded by validate.")


def _check_rest(path: Path, mapping: CallMapping, problems: Problems) -> None:
    if mapping.path is None:
        problems.add((*path, "path"), "This is missing.")
    elif not mapping.path.startswith("/"):
        problems.add((*path, "path"), "A path begins with a slash.")
    elif "?" in mapping.path or "#" in mapping.path:
        problems.add((*path, "path"), "Write what follows a question mark as a query.")
    if mapping.body and mapping.method == "GET":
        problems.add((*path, "body"), "A GET has no body.")
    for name in ("document", "variables"):
        if getattr(mapping, name):
            problems.add((*path, name), "Only the kind graphql has it.")


def _check_used(path: Path, call: Call, used: set[str], adapter: Adapter, problems: Problems) -> None:
    if call in INSTRUCTIONS and not used & {"reference", "exchange_id"}:
        problems.add(path, "The request must carry ${reference}: without it, a repetition is a second instruction.")
    if call in {Call.DEBIT, Call.CREDIT, Call.HOLD} and "amount" not in used:
        problems.add(path, "The request must carry ${amount}.")
    if call is Call.REVERSE and adapter.section.partial_reversal and "amount" not in used:
        problems.add(path, "The request must carry ${amount}: capabilities say partial_reversal = true.")
    if call in FOLLOWING_CALLS and "original" not in used:
        problems.add(path, "The request must carry ${original.reference} or ${original.brand_reference}.")
    if call is Call.INQUIRE and not used & {"reference", "brand_reference"}:
        problems.add(path, "The request must carry ${reference} or ${brand_reference}.")


def _check_answer(path: Path, call: Call, answer: AnswerMapping, problems: Problems) -> None:
    for name in _NEEDED.get(call, ()):
        if getattr(answer, name) is None:
            problems.add((*path, name), f"The answer to {call} is not understood without this.")


def _check_expressions(path: Path, answer: AnswerMapping, problems: Problems) -> None:
    for name in (field.name for field in fields(AnswerMapping) if field.name != "movement"):
        expression: Any = getattr(answer, name)
        if expression is not None:
            check_expression((*path, name), expression, ANSWER, problems)


def _texts(mapping: CallMapping) -> Iterator[tuple[Path, str]]:
    if mapping.path is not None:
        yield ("path",), mapping.path
    yield from ((("query", name), template) for name, template in mapping.query.items())
    yield from ((("headers", name), template) for name, template in mapping.headers.items())
