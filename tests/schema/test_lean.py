"""The short ways to the values."""

from graphql import GraphQLInputObjectType, GraphQLObjectType, GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from schema.build import FEDERATION_VERSION
from schema.lean import shorten
from schema.movement import MovementInput
from schema.mutation import Mutation
from schema.plain import Plain
from schema.query import Query
from schema.routing import RoutedSchema
from schema.scalars import AMOUNT_SCALAR, Amount

ROUTERS_OWN = {"_entities", "_service"}


def shortened() -> GraphQLSchema:
    """The schema before anything else is done to it."""
    config = StrawberryConfig(scalar_map={Amount: AMOUNT_SCALAR})
    built = RoutedSchema(Query, Mutation, config=config, federation_version=FEDERATION_VERSION)._schema
    shorten(built)
    return built


def test_every_field_has_a_short_way() -> None:
    """Nothing of strawberry's stands between graphql-core and our resolvers, except where the router asks."""
    ours = [
        (f"{found.name}.{name}", field.resolve)
        for found in shortened().type_map.values()
        if isinstance(found, GraphQLObjectType) and not found.name.startswith("_")
        for name, field in found.fields.items()
        if name not in ROUTERS_OWN
    ]
    assert len(ours) > 150
    assert [name for name, found in ours if not isinstance(found, Plain) and found.__module__ != "schema.lean"] == []


def test_input_objects_are_made_of_what_was_given() -> None:
    """By the names that Python knows; what was left out is as the class says."""
    found = shortened().type_map["MovementInput"]
    assert isinstance(found, GraphQLInputObjectType)
    made = found.out_type({"program": "HOTEL", "number": "1", "amount": "5", "idempotency_key": "k"})
    assert made == MovementInput(program="HOTEL", number="1", amount=Amount("5"), idempotency_key="k")
    assert found.fields["idempotencyKey"].out_name == "idempotency_key"
