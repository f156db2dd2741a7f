"""Operations whose results come one after the other: prepared, limited and masked as single ones are."""

from collections.abc import AsyncGenerator, AsyncIterable, Callable
from contextlib import aclosing
from typing import Any, cast

from graphql import ExecutionResult, GraphQLSchema, OperationType
from graphql.execution.execute import create_source_event_stream

from gateway.documents import Documents, Prepared, Unusable
from gateway.execution import ShortExecutor, run
from gateway.graphql import Operation
from gateway.inputs import explained
from schema.context import Context
from schema.errors import BadInput
from schema.viewer import Viewer


class Unopened(ExecutionResult):
    """A subscription that could not be opened: nothing follows."""


class Streams:
    """Runs operations of one schema. Every event is executed with a context of its own: it reads what stands then."""

    def __init__(self, schema: GraphQLSchema, *, open_book: bool, context: Callable[[Viewer, str], Context]) -> None:
        self._schema = schema
        self._documents = Documents(schema, open_book=open_book)
        self._hide_suggestions = not open_book
        self._context = context

    async def results(
        self, operation: Operation, viewer: Viewer, request_id: str
    ) -> AsyncGenerator[ExecutionResult, None]:
        """The results of an operation: one of a query or a mutation, any number of a subscription."""
        prepared = self._documents.prepare(operation.query)
        if isinstance(prepared, Unusable):
            yield ExecutionResult(None, prepared.errors)
        elif operation.name not in prepared.operations:
            yield ExecutionResult(None, [BadInput("`operationName` must name one of the document's operations.")])
        elif prepared.operations[operation.name] is OperationType.SUBSCRIPTION:
            events = self._followed(prepared, operation, viewer, request_id)
            async with aclosing(events):
                async for result in events:
                    yield result
        else:
            yield await self._run(prepared, operation, self._context(viewer, request_id))

    async def _followed(
        self, prepared: Prepared, operation: Operation, viewer: Viewer, request_id: str
    ) -> AsyncGenerator[ExecutionResult, None]:
        source = await self._source(prepared, operation, self._context(viewer, request_id))
        if isinstance(source, ExecutionResult):
            yield Unopened(source.data, source.errors)
            return
        # A resolver's generator ends with this one, so that nobody goes on waiting for a client that has left.
        async with aclosing(cast("AsyncGenerator[Any, None]", source)):
            async for event in source:
                yield await self._run(prepared, operation, self._context(viewer, request_id), event)

    async def _source(
        self, prepared: Prepared, operation: Operation, context: Context
    ) -> AsyncIterable[Any] | ExecutionResult:
        executor = ShortExecutor.build(
            self._schema,
            prepared.document,
            context_value=context,
            raw_variable_values=operation.variables,
            operation_name=operation.name,
            hide_suggestions=self._hide_suggestions,
            selections=None,
        )
        if isinstance(executor, list):
            known = self._schema, prepared.document, operation.name, operation.variables
            return ExecutionResult(None, explained(*known, executor, hide_names=self._hide_suggestions))
        source = create_source_event_stream(executor)
        opened = await source if executor.is_awaitable(source) else source
        return cast("AsyncIterable[Any] | ExecutionResult", opened)

    async def _run(
        self, prepared: Prepared, operation: Operation, context: Context, event: Any = None
    ) -> ExecutionResult:
        return await run(
            self._schema,
            prepared.document,
            prepared.selections.get(operation.name),
            name=operation.name,
            variables=operation.variables,
            context=context,
            hide_suggestions=self._hide_suggestions,
            root_value=event,
        )
