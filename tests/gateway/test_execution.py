"""Our executor answers as graphql-core's own does: random documents over a schema with everything that can happen."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import (
    ExecutionResult,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLFieldResolver,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    GraphQLUnionType,
    execute,
    get_named_type,
    is_leaf_type,
    parse,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gateway.documents import Documents, Prepared
from gateway.execution import run
from gateway.selections import Selections
from schema.plain import Plain


@dataclass(frozen=True)
class Thing:
    """What resolvers read."""

    name: str = "root"
    depth: int = 0

    @property
    def below(self) -> "Thing":
        """The next one."""
        return Thing(f"{self.name}'", self.depth + 1)


def plain(read: Callable[[Thing], Any]) -> GraphQLFieldResolver:
    return Plain(lambda source: read(source or Thing()))


def raised(source: Thing) -> Any:
    message = f"{source.name} raised"
    raise LookupError(message)


async def later(source: Thing | None, _info: Any, /, add: str = "~") -> Thing:
    await asyncio.sleep(0)
    return Thing((source or Thing()).name + add, 5)


async def raised_later(source: Thing | None, _info: Any, /) -> Any:
    await asyncio.sleep(0)
    raised(source or Thing())


VOID = GraphQLScalarType("Void", serialize=lambda value: None if value % 2 else value)
COLOUR = GraphQLEnumType("Colour", {"RED": "red", "BLUE": "blue"})
LEAF = GraphQLObjectType("Leaf", {"name": GraphQLField(GraphQLString, resolve=plain(lambda thing: thing.name))})


def _fields() -> dict[str, GraphQLField]:
    """Each kind once as it is, and once, with an X, where null may not be."""
    return {
        **{name: GraphQLField(kind, resolve=resolve) for name, (kind, resolve) in KINDS.items()},
        **{f"{name}X": GraphQLField(GraphQLNonNull(kind), resolve=resolve) for name, (kind, resolve) in KINDS.items()},
        "given": GraphQLField(NODE, args={"add": GraphQLArgument(GraphQLString)}, resolve=later),
    }


NODE = GraphQLObjectType("Node", _fields)
ODD = GraphQLObjectType("Odd", {"name": LEAF.fields["name"]}, is_type_of=lambda thing, _: thing.depth % 2)
EITHER = GraphQLUnionType("Either", [NODE, LEAF], resolve_type=lambda thing, *_: "Node" if thing.depth % 2 else "Leaf")

Kind: TypeAlias = GraphQLScalarType | GraphQLEnumType | GraphQLObjectType | GraphQLUnionType | GraphQLList[Any]
KINDS: dict[str, tuple[Kind, GraphQLFieldResolver]] = {
    "name": (GraphQLString, plain(lambda thing: thing.name)),
    "depth": (GraphQLInt, plain(lambda thing: thing.depth)),
    "text": (GraphQLString, plain(lambda thing: thing.depth)),
    "noNumber": (GraphQLInt, plain(lambda thing: thing.name)),
    "nothing": (GraphQLString, plain(lambda _: None)),
    "red": (COLOUR, plain(lambda _: "red")),
    "void": (VOID, plain(lambda thing: thing.depth)),
    "noColour": (COLOUR, plain(lambda _: "green")),
    "raised": (GraphQLString, plain(raised)),
    "raisedLater": (GraphQLString, raised_later),
    "odd": (ODD, plain(lambda thing: thing)),
    "node": (NODE, plain(lambda thing: thing.below)),
    "noNode": (NODE, plain(lambda _: None)),
    "raisedNode": (NODE, plain(raised)),
    "later": (NODE, later),
    "nodes": (GraphQLList(NODE), plain(lambda thing: [thing.below, Thing("other", 3)])),
    "either": (EITHER, plain(lambda thing: thing.below)),
}
SCHEMA = GraphQLSchema(query=GraphQLObjectType("Query", _fields), mutation=GraphQLObjectType("Mutation", _fields))
DOCUMENTS = Documents(SCHEMA, open_book=True)

LEAVES = [name for name, field in NODE.fields.items() if is_leaf_type(get_named_type(field.type))]
OBJECTS = [name for name, field in NODE.fields.items() if get_named_type(field.type) is NODE and name != "given"]


def _selection(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    fields = st.one_of(
        st.sampled_from(["__typename", *LEAVES]),
        st.builds("{}: {}".format, st.sampled_from(["a", "b"]), st.just("name")),
        st.builds("{} {}".format, st.sampled_from(OBJECTS), inner),
        st.builds("given(add: $word) {}".format, inner),
        st.just("odd { name __typename }"),
        st.builds("either {{ __typename ... on Node {} ... on Leaf {{ name }} }}".format, inner),
        st.builds("eitherX {{ ...Part ... on Node {} }}".format, inner),
        st.builds("... {}".format, inner),
        st.just("...Part"),
    )
    return st.lists(fields, min_size=1, max_size=6).map(lambda found: f"{{ {' '.join(found)} }}")


SELECTIONS = st.recursive(st.just("{ name depth }"), _selection, max_leaves=12)
PART = "fragment Part on Node { depth node { __typename name } nodesX { text } }"


VARIABLES = {"word": "!", "yes": True}


async def as_graphql_core(prepared: Prepared) -> ExecutionResult:
    result = execute(SCHEMA, prepared.document, variable_values=VARIABLES)
    return await settled(result if isinstance(result, ExecutionResult) else await result)


async def as_we_do(prepared: Prepared) -> ExecutionResult:
    kept = prepared.selections.get(None)
    return await settled(
        await run(SCHEMA, prepared.document, kept, name=None, variables=VARIABLES, context=None, hide_suggestions=False)
    )


async def settled(result: ExecutionResult) -> ExecutionResult:
    """The result, once what an error left behind has ended too."""
    while left := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(left)
    return result


def shown(result: ExecutionResult) -> tuple[Any, list[str]]:
    """What a client sees; fields that wait may fail in any order."""
    return result.data, sorted(str(error.formatted) for error in result.errors or ())


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["query", "mutation"]), SELECTIONS, SELECTIONS, st.sampled_from(["", "@include(if: $yes)"]))
def test_answers_are_graphql_cores(kind: str, first: str, second: str, directive: str) -> None:
    """Data and errors are equal, the first time and when everything is kept; directives change selections each time."""
    variables = "$word: String, $yes: Boolean!" if directive else "$word: String"
    root = f"{{ one: node {first} two: laterX {second} given(add: $word) {first} nameX {directive} }}"
    prepared = DOCUMENTS.prepare(f"{kind} ({variables}) {root} {PART}")
    assume(isinstance(prepared, Prepared))
    assert isinstance(prepared, Prepared)
    assert bool(prepared.selections) is not bool(directive)
    expected = shown(asyncio.run(as_graphql_core(prepared)))
    assert shown(asyncio.run(as_we_do(prepared))) == expected
    assert shown(asyncio.run(as_we_do(prepared))) == expected


def test_what_is_kept_is_worked_out_once() -> None:
    """The second request finds the steps of the first, also below a union, and adds none."""
    prepared = DOCUMENTS.prepare("{ either { ... on Node { name node { depth } } } nodes { name } }")
    assert isinstance(prepared, Prepared)
    kept = prepared.selections[None]
    asyncio.run(as_we_do(prepared))
    root, below = kept.root, dict(kept.below)
    assert len(below) == 3
    asyncio.run(as_we_do(prepared))
    assert kept.root is root
    assert kept.below == below


def test_mutations_run_one_after_the_other() -> None:
    """The second root field of a mutation begins when the first has ended; those of a query begin together."""
    seen: list[str] = []

    async def noted(_source: None, info: GraphQLResolveInfo[Any], /) -> str:
        seen.append(f"{info.field_name} begins")
        await asyncio.sleep(0)
        seen.append(f"{info.field_name} ends")
        return info.field_name

    fields = {name: GraphQLField(GraphQLString, resolve=noted) for name in ("first", "second")}
    schema = GraphQLSchema(query=GraphQLObjectType("Query", fields), mutation=GraphQLObjectType("Mutation", fields))
    orders = {}
    for kind in ("query", "mutation"):
        document = parse(f"{kind} {{ first second }}")
        done = run(schema, document, Selections(), name=None, variables={}, context=None, hide_suggestions=False)
        assert asyncio.run(done) == ExecutionResult({"first": "first", "second": "second"}, None)
        orders[kind], seen[:] = [*seen], []
    assert orders == {
        "query": ["first begins", "second begins", "first ends", "second ends"],
        "mutation": ["first begins", "first ends", "second begins", "second ends"],
    }


def test_a_variable_that_does_not_fit_is_refused() -> None:
    """Nothing is executed: there is no data, and the error names the variable."""
    prepared = DOCUMENTS.prepare("query ($word: String!) { given(add: $word) { name } }")
    assert isinstance(prepared, Prepared)
    missing = run(SCHEMA, prepared.document, None, name=None, variables={}, context=None, hide_suggestions=False)
    result = asyncio.run(missing)
    assert result.data is None
    assert [error.message for error in result.errors or ()] == ["Variable '$word' is missing; String! is required."]
