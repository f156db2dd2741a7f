"""Documents are parsed and validated once."""

import pytest
from graphql import get_introspection_query

from gateway.documents import DOCUMENTS_MAX, ERRORS_MAX, Documents, Prepared, Unusable
from gateway.limits import TOKENS_MAX
from schema.build import public_schema

QUERY = "{ programs { code } }"


@pytest.fixture(scope="module")
def open_documents() -> Documents:
    return Documents(public_schema(), open_book=True)


@pytest.fixture(scope="module")
def closed_documents() -> Documents:
    return Documents(public_schema(), open_book=False)


def errors(documents: Documents, query: str) -> list[str]:
    found = documents.prepare(query)
    assert isinstance(found, Unusable)
    return [error.message for error in found.errors]


def test_the_same_text_is_prepared_once(open_documents: Documents) -> None:
    assert open_documents.prepare(QUERY) is open_documents.prepare(QUERY)


def test_the_text_not_used_for_longest_is_forgotten_first() -> None:
    documents = Documents(public_schema(), open_book=True)
    first, second = documents.prepare(QUERY), documents.prepare(QUERY + " ")
    documents.prepare(QUERY)
    for number in range(DOCUMENTS_MAX - 1):
        documents.prepare(f"query Q{number} {QUERY}")
    assert documents.prepare(QUERY) is first
    assert documents.prepare(QUERY + " ") is not second


def test_what_cannot_be_used_is_not_kept(open_documents: Documents) -> None:
    assert open_documents.prepare("{ nothing }") is not open_documents.prepare("{ nothing }")


def test_operations_are_known_by_name_and_the_only_one_without(open_documents: Documents) -> None:
    one = open_documents.prepare("query A { programs { code } }")
    two = open_documents.prepare(
        'query A { programs { code } } mutation B { ping(idempotencyKey: "b") { idempotencyKey } }'
    )
    assert isinstance(one, Prepared)
    assert isinstance(two, Prepared)
    assert {name: kind.value for name, kind in one.operations.items()} == {"A": "query", None: "query"}
    assert {name: kind.value for name, kind in two.operations.items()} == {"A": "query", "B": "mutation"}


def test_a_demo_describes_itself_and_suggests(open_documents: Documents) -> None:
    assert isinstance(open_documents.prepare(get_introspection_query()), Prepared)
    assert errors(open_documents, "{ program { code } }") == [
        "Cannot query field 'program' on type 'Query'. Did you mean 'programs'?"
    ]


def test_production_does_neither(closed_documents: Documents) -> None:
    assert len(errors(closed_documents, "{ __schema { queryType { name } } }")) == 2
    assert errors(closed_documents, "{ program { code } }") == ["Cannot query field 'program' on type 'Query'."]


def test_a_document_has_only_so_many_tokens(open_documents: Documents) -> None:
    fitting = "{ " + "__typename " * (TOKENS_MAX - 4) + "}"
    assert "tokens" not in errors(open_documents, fitting)[0]
    assert errors(open_documents, "{ " + "__typename " * TOKENS_MAX + "}") == [
        f"Syntax Error: Document contains more than {TOKENS_MAX} tokens. Parsing aborted."
    ]


def test_limits_are_judged_before_validation(open_documents: Documents) -> None:
    aliases = " ".join(f"a{number}: nothing" for number in range(31))
    assert errors(open_documents, f"{{ {aliases} }}") == ["The operation asks for too much: aliases 31, at most 30."]


def test_validation_stops_after_so_many_errors(open_documents: Documents) -> None:
    assert len(errors(open_documents, "{ " + " ".join(f"x{number}" for number in range(50)) + " }")) == ERRORS_MAX + 1


@pytest.mark.parametrize("query", ["{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "{ a" * 500])
def test_a_hostile_document_is_refused(open_documents: Documents, query: str) -> None:
    assert errors(open_documents, query)
