"""Guards: what a directive says is enforced, and nothing is open by forgetting."""

import pytest
import strawberry
from graphql import execute_sync, parse
from strawberry.federation import Schema, field

from core.errors import AgioError
from schema.fields import needs, open_to_all
from schema.guards import Unguarded, guard
from schema.viewer import Viewer, ViewerKind


@strawberry.type
class Thing:
    """A thing."""

    @field(requires_scopes=[["a", "b"], ["c"]])  # type: ignore[untyped-decorator]
    def secret(self) -> str:
        """Needs a and b, or c."""
        return "told"


@strawberry.type
class Query:
    """Queries."""

    @open_to_all
    def thing(self) -> Thing:
        """Open."""
        return Thing()

    @needs("d")
    def narrow(self, source: str, info_text: str = "") -> str:
        """Arguments may be called anything, `source` too."""
        return source + info_text


class Context:
    """As much of a context as guards look at."""

    def __init__(self, *scopes: str) -> None:
        self.viewer = Viewer(ViewerKind.BRAND, "x", "y", frozenset(scopes))


@pytest.fixture(scope="module")
def schema() -> Schema:
    made = Schema(Query, federation_version="2.9")
    guard(made._schema)
    return made


def codes(schema: Schema, query: str, *scopes: str) -> list[str]:
    result = execute_sync(schema._schema, parse(query), context_value=Context(*scopes))
    return [str((error.extensions or {}).get("code")) for error in result.errors or []]


@pytest.mark.parametrize(
    ("scopes", "told"), [("a", False), ("b", False), ("ab", True), ("c", True), ("d", False), ("", False)]
)
def test_one_set_of_scopes_is_needed_whole(schema: Schema, scopes: str, told: bool) -> None:  # noqa: FBT001 - a case
    assert codes(schema, "{ thing { secret } }", *scopes) == ([] if told else ["FORBIDDEN"])


def test_arguments_reach_a_guarded_field(schema: Schema) -> None:
    query = parse('{ narrow(source: "x", infoText: "y") }')
    result = execute_sync(schema._schema, query, context_value=Context("d"))
    assert result.data == {"narrow": "xy"}


def test_a_root_field_that_says_nothing_is_refused_when_the_schema_is_built() -> None:
    @strawberry.type(name="Query")
    class Forgetful:
        """Queries."""

        @strawberry.field
        def forgotten(self) -> str:
            """Nobody said who may see it."""
            return ""

    made = Schema(Forgetful, federation_version="2.9")
    with pytest.raises(Unguarded, match="forgotten must require scopes or be declared open"):
        guard(made._schema)
    assert issubclass(Unguarded, AgioError)
