"""Parsed and validated documents, kept: clients send the same few again and again."""

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)

from gateway.inputs import ASKED_FOR
from gateway.limits import TOKENS_MAX, breaches
from gateway.selections import Selections

DOCUMENTS_MAX = 1_000
"""Documents kept per process; the one not used for longest goes first."""
ERRORS_MAX = 20

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that may be executed."""

    document: DocumentNode
    operations: Mapping[str | None, OperationType]
    """By name. None names the only operation of a document that has one."""
    selections: Mapping[str | None, Selections]
    """What each operation selects, by the same names; nothing where directives may make it another thing each time."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A document that cannot be executed, and why."""

    errors: list[GraphQLError]


class Documents:
    """The documents of one schema. `open_book` allows introspection and suggests names for misspelt ones."""

    def __init__(self, schema: GraphQLSchema, *, open_book: bool) -> None:
        self._schema = schema
        self._open_book = open_book
        self._rules: tuple[type[ASTValidationRule], ...] = (
            tuple(specified_rules) if open_book else (*specified_rules, NoSchemaIntrospectionCustomRule)
        )
        self._kept: OrderedDict[str, Prepared] = OrderedDict()

    def prepare(self, text: str) -> Prepared | Unusable:
        """Parse and validate `text`, unless that was done before."""
        found = self._kept.get(text)
        if found is not None:
            self._kept.move_to_end(text)
            return found
        prepared = self._prepare(text)
        if isinstance(prepared, Prepared):
            self._keep(text, prepared)
        return prepared

    def _keep(self, text: str, prepared: Prepared) -> None:
        self._kept[text] = prepared
        if len(self._kept) > DOCUMENTS_MAX:
            self._kept.popitem(last=False)

    def _prepare(self, text: str) -> Prepared | Unusable:
        try:
            document = parse(text, no_location=False, max_lexical_tokens=TOKENS_MAX)
        except GraphQLSyntaxError as error:
            return _coded([error], PARSE_FAILED)
        errors = breaches(document) or self._validate(document)
        return _coded(errors, VALIDATION_FAILED) if errors else _prepared(document, text)

    def _validate(self, document: DocumentNode) -> list[GraphQLError]:
        found = validate(
            self._schema, document, self._rules, max_errors=ERRORS_MAX, hide_suggestions=not self._open_book
        )
        return [_in_plain_words(error) for error in found]


def _prepared(document: DocumentNode, text: str) -> Prepared:
    operations = _operations(document)
    return Prepared(document, operations, {} if "@" in text else {name: Selections() for name in operations})


def _operations(document: DocumentNode) -> dict[str | None, OperationType]:
    nodes = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    by_name: dict[str | None, OperationType] = {node.name.value: node.operation for node in nodes if node.name}
    if len(nodes) == 1:
        by_name[None] = nodes[0].operation
    return by_name


_NO_NULL: Final = re.compile(r"Expected value of non-null type '(.+)' not to be None\.")
_NO_TIME: Final = re.compile(r"Value cannot represent a (Date|DateTime): .*", re.DOTALL)


def _in_plain_words(error: GraphQLError) -> GraphQLError:
    """Without Python's word for null, and without the way a parser of instants failed."""
    message = _NO_NULL.sub(r"Expected a value of type '\1', found null.", error.message)
    message = _NO_TIME.sub(lambda found: f"A {found[1]} is {ASKED_FOR[found[1]]}.", message)
    return error if message == error.message else GraphQLError(message, error.nodes)


def _coded(errors: list[GraphQLError], code: str) -> Unusable:
    for error in errors:
        error.extensions = {**(error.extensions or {}), "code": code}
    return Unusable(errors)
