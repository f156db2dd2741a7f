"""What must hold for the GraphQL document of a call."""

from functools import lru_cache

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    NonNullTypeNode,
    OperationDefinitionNode,
    build_schema,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import (
    KnownFragmentNamesRule,
    LoneAnonymousOperationRule,
    NoFragmentCyclesRule,
    NoUndefinedVariablesRule,
    NoUnusedFragmentsRule,
    NoUnusedVariablesRule,
    UniqueArgumentNamesRule,
    UniqueFragmentNamesRule,
    UniqueInputFieldNamesRule,
    UniqueOperationNamesRule,
    UniqueVariableNamesRule,
)

from brands.adapter.messages import CallMapping
from brands.config.problems import Path, Problems

_RULES_WITHOUT_SCHEMA = (
    KnownFragmentNamesRule,
    LoneAnonymousOperationRule,
    NoFragmentCyclesRule,
    NoUndefinedVariablesRule,
    NoUnusedFragmentsRule,
    NoUnusedVariablesRule,
    UniqueArgumentNamesRule,
    UniqueFragmentNamesRule,
    UniqueInputFieldNamesRule,
    UniqueOperationNamesRule,
    UniqueVariableNamesRule,
)
_NO_SCHEMA = build_schema("type Query { nothing: Boolean }")


def check_document(path: Path, mapping: CallMapping, sdl: str | None, problems: Problems) -> None:
    """Note everything that does not hold."""
    for name in ("body", "query"):
        if getattr(mapping, name):
            problems.add((*path, name), "The kind graphql sends a document and its variables.")
    if mapping.path is not None:
        problems.add((*path, "path"), "The kind graphql has one address: the url.")
    if mapping.document is None:
        problems.add((*path, "document"), "This is missing.")
        return
    try:
        document = parse(mapping.document, no_location=False, max_tokens=2_000)
    except GraphQLError as error:
        problems.add((*path, "document"), f"This is not a GraphQL document: {_said(error)}")
        return
    _check_valid((*path, "document"), document, sdl, problems)
    _check_variables(path, mapping, document, problems)


def _check_valid(path: Path, document: DocumentNode, sdl: str | None, problems: Problems) -> None:
    schema = _schema(sdl) if sdl is not None else _NO_SCHEMA
    if isinstance(schema, str):
        problems.add((*path[:-3], "sdl"), f"This is not a GraphQL schema: {schema}")
        return
    rules = specified_rules if sdl is not None else _RULES_WITHOUT_SCHEMA
    for error in validate(schema, document, rules)[:1]:
        problems.add(path, f"This is not a valid GraphQL document: {_said(error)}")


def _check_variables(path: Path, mapping: CallMapping, document: DocumentNode, problems: Problems) -> None:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) != 1:
        problems.add((*path, "document"), f"The document must hold one operation, not {len(operations)}.")
        return
    declared = {node.variable.name.value: node for node in operations[0].variable_definitions or ()}
    for name in [name for name in mapping.variables if name not in declared]:
        problems.unknown((*path, "variables", name), "The variable", name, declared.keys())
    for name, node in declared.items():
        needed = isinstance(node.type, NonNullTypeNode) and node.default_value is None
        if needed and name not in mapping.variables:
            problems.add((*path, "variables"), f"The document needs the variable {name}.")


@lru_cache(16)
def _schema(sdl: str) -> GraphQLSchema | str:
    """The schema, or what is wrong with it."""
    try:
        return build_schema(sdl)
    except (GraphQLError, TypeError) as error:
        return _said(error)


def _said(error: Exception) -> str:
    text = error.message if isinstance(error, GraphQLError) else str(error)
    place = error.locations[0] if isinstance(error, GraphQLError) and error.locations else None
    where = f" (line {place.line} of the document)" if place else ""
    return f"{' '.join(text.split()).rstrip('.')}{where}."
