"""The printed schema."""

from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    lexicographic_sort_schema,
    print_schema,
)

from schema.build import FEDERATION_VERSION, public_schema, public_sdl, subgraph_sdl

FOLDER = Path(__file__).parents[2] / "schema"


@pytest.mark.parametrize(("name", "printed"), [("schema.graphql", public_sdl), ("subgraph.graphql", subgraph_sdl)])
def test_what_is_committed_is_what_the_code_prints(name: str, printed: object) -> None:
    """`agio schema` and `agio schema --subgraph` print them."""
    assert callable(printed)
    assert (FOLDER / name).read_text() == printed()


def test_the_public_schema_stands_on_its_own() -> None:
    again = build_schema(public_sdl())
    assert print_schema(lexicographic_sort_schema(again)) == print_schema(lexicographic_sort_schema(public_schema()))


def test_the_routers_entry_points_are_not_public() -> None:
    """They would let anybody ask for any entity, past the authorisation of root fields."""
    for name in ("_entities", "_service", "_Any", "_Entity", "federation", "requiresScopes"):
        assert name not in public_sdl()


def test_the_subgraph_is_one_of_the_version_that_the_open_composition_library_accepts() -> None:
    assert FEDERATION_VERSION == "2.9"
    assert 'url: "https://specs.apollo.dev/federation/v2.9"' in subgraph_sdl()
    assert "_entities(representations: [_Any!]!): [_Entity]!" in subgraph_sdl()


@pytest.mark.parametrize("entity", ["Brand", "Exchange", "Grant", "Member", "Membership", "Program", "Right", "Window"])
def test_what_has_an_id_is_an_entity(entity: str) -> None:
    line = next(line for line in subgraph_sdl().splitlines() if line.startswith(f"type {entity} "))
    assert '@key(fields: "id")' in line


def test_every_type_is_described() -> None:
    """A description is the docstring; one that is missing would be a nameless thing to clients."""
    types = (GraphQLObjectType, GraphQLInterfaceType, GraphQLEnumType)
    silent = [
        name for name, found in public_schema().type_map.items() if isinstance(found, types) and not found.description
    ]
    assert silent == []


def test_every_root_field_is_described() -> None:
    schema = public_schema()
    for root in (schema.query_type, schema.mutation_type):
        assert root is not None
        assert [name for name, field in root.fields.items() if not field.description] == []


def test_amounts_are_never_numbers() -> None:
    assert " Float" not in public_sdl()
