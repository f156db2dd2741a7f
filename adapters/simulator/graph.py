"""The simulated brand's GraphQL door: the same books, desk and faults behind `brand.graphql`."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import orjson
from aiohttp import web
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)
from graphql.execution.values import get_argument_values, get_variable_values

from adapters.simulator.delivery import Delivery, Incoming
from adapters.simulator.orders import Effect, Operation
from adapters.simulator.resolvers import Resolvers
from adapters.simulator.wire import Reply

_OPERATIONS = {
    "health": Operation.HEALTH,
    "member": Operation.MEMBER,
    "transaction": Operation.INQUIRE,
    "transactions": Operation.TRANSACTIONS,
    "statement": Operation.STATEMENT,
    "validateMember": Operation.VALIDATE,
    "linkMember": Operation.LINK,
    "unlinkMember": Operation.UNLINK,
    "debit": Operation.DEBIT,
    "credit": Operation.CREDIT,
    "hold": Operation.HOLD,
    "capture": Operation.CAPTURE,
    "release": Operation.RELEASE,
    "reverse": Operation.REVERSE,
    "retry": Operation.RETRY,
}


class _AskedWrongly(Exception):
    """The request is no GraphQL that this door answers; its argument says why."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that can be executed."""

    document: DocumentNode
    variables: dict[str, Any]
    operation_name: str | None
    incoming: Incoming
    answered_as: str
    """The name of its one field in the answer."""


@dataclass(slots=True)
class GraphDoor:
    """The route /graphql; a request asks for one field."""

    delivery: Delivery
    resolvers: Resolvers
    schema: GraphQLSchema

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Open the door."""
        router.add_post("/graphql", self._answer)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        try:
            asked = self._asked(raw)
        except _AskedWrongly as error:
            body = {"errors": [{"message": str(error)}]}
            return web.Response(status=400, body=orjson.dumps(body), content_type="application/json")
        return await self.delivery.deliver(request, asked.incoming, lambda effect: self._executed(asked, effect))

    def _asked(self, raw: bytes) -> _Asked:
        body = _read(raw)
        try:
            document = parse(body["query"])
        except GraphQLError as error:
            raise _AskedWrongly(error.message) from error
        if problems := validate(self.schema, document):
            raise _AskedWrongly(problems[0].message)
        name, variables = body.get("operationName"), body.get("variables") or {}
        field, arguments = self._field(get_operation_ast(document, name), variables)
        operation = _OPERATIONS.get(field.name.value)
        if operation is None:
            raise _AskedWrongly("This door has no introspection; its schema is in docs/simulator.md.")
        incoming = _incoming(operation, raw.decode(errors="replace"), arguments)
        answered_as = (field.alias or field.name).value
        return _Asked(document, variables, name, incoming, answered_as)

    def _field(
        self, operation: OperationDefinitionNode | None, variables: dict[str, Any]
    ) -> tuple[FieldNode, Mapping[str, Any]]:
        """The one field that is asked for, and its arguments."""
        if operation is None or len(operation.selection_set.selections) != 1:
            raise _AskedWrongly("One operation with one field at a time, please.")
        (field,) = operation.selection_set.selections
        root = self.schema.get_root_type(operation.operation)
        if not isinstance(field, FieldNode) or not isinstance(root, GraphQLObjectType):
            raise _AskedWrongly("Ask for a field.")
        definition = root.fields.get(field.name.value)
        return field, self._arguments(operation, field, variables, definition) if definition else {}

    def _arguments(
        self, operation: OperationDefinitionNode, field: FieldNode, variables: dict[str, Any], definition: GraphQLField
    ) -> Mapping[str, Any]:
        values = get_variable_values(self.schema, operation.variable_definitions or (), variables)
        if isinstance(values, list):
            raise _AskedWrongly(values[0].message)
        try:
            return get_argument_values(definition, field, values)
        except GraphQLError as error:
            raise _AskedWrongly(error.message) from error

    def _executed(self, asked: _Asked, effect: Effect) -> Reply:
        result = execute_sync(
            self.schema,
            asked.document,
            root_value=self.resolvers.root(effect),
            variable_values=asked.variables,
            operation_name=asked.operation_name,
        )
        outcome = _outcome((result.data or {}).get(asked.answered_as))
        return Reply(200, result.formatted, outcome)


def brand_schema() -> GraphQLSchema:
    """The schema of the door."""
    return build_schema(files("adapters.simulator").joinpath("brand.graphql").read_text("utf-8"))


def _read(raw: bytes) -> dict[str, Any]:
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise _AskedWrongly("The body is no JSON.") from error
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        raise _AskedWrongly("The body is an object with a query.")
    return body


def _incoming(operation: Operation, text: str, arguments: Mapping[str, Any]) -> Incoming:
    given = arguments.get("input", arguments)
    reference = given.get("reference") or given.get("id")
    return Incoming("graphql", operation, text, reference, given.get("number"), given.get("amount"))


def _outcome(answered: Any) -> str:
    if not isinstance(answered, dict):
        return "nothing" if answered is None else "statement"
    errors = answered.get("errors")
    return str(errors[0]["code"] if errors and "code" in errors[0] else answered.get("status", "listed")).lower()
