"""Running prepared documents: graphql-core's executor with a short way through what is only read.

What an operation selects does not depend on the request when it has no directives: it is kept (`gateway.selections`).
Attributes and plain methods (`schema.plain`) are read without arguments, info or path, and scalars are serialised on
the spot. Whatever is unusual goes the long way, which is graphql-core's own: arguments, lists, interfaces and unions,
what must be waited for, a null where none may be, and whatever raises. So answers and errors are the same.
"""

from collections.abc import Awaitable, Sequence
from typing import Any, Final, cast

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationType,
    Undefined,
)
from graphql.execution.collect_fields import GroupedFieldSet, collect_fields
from graphql.execution.executor import Executor
from graphql.pyutils import Path, gather_with_cancel

from gateway.inputs import explained
from gateway.selections import Selections, Step

_LONG: Final = object()
"""The short way does not lead there."""


async def run(
    schema: GraphQLSchema,
    document: DocumentNode,
    selections: Selections | None,
    *,
    name: str | None,
    variables: dict[str, Any],
    context: Any,
    hide_suggestions: bool,
    root_value: Any = None,
) -> ExecutionResult:
    """Execute the operation called `name` of a valid document; for a subscription, once for the event `root_value`."""
    executor = ShortExecutor.build(
        schema,
        document,
        root_value=root_value,
        context_value=context,
        raw_variable_values=variables,
        operation_name=name,
        hide_suggestions=hide_suggestions,
        selections=selections,
    )
    if isinstance(executor, list):
        told = explained(schema, document, name, variables, executor, hide_names=hide_suggestions)
        return ExecutionResult(None, told)
    result = executor.execute_operation()
    return cast("ExecutionResult", await result if executor.is_awaitable(result) else result)


class ShortExecutor(Executor[Any]):
    """One execution. Without selections it is graphql-core's own."""

    def __init__(self, *args: Any, selections: Selections | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self._selections = selections
        if selections is not None:
            self._relevant_sub_fields = selections.below

    def execute_operation(self, serially: bool | None = None) -> Any:  # noqa: FBT001 - graphql-core's signature
        """The result, or the promise of it."""
        if self._selections is None:
            return super().execute_operation(serially)
        root_type = self.schema.get_root_type(self.operation.operation)
        assert root_type is not None, "a valid document asks for what the schema has"
        fields = self._root_fields(self._selections, root_type)
        # A single field is its own series.
        serial = self.operation.operation is OperationType.MUTATION and len(fields) > 1
        execute = self.execute_fields_serially if serial else self.execute_fields
        try:
            data: Any = execute(root_type, self.root_value, None, fields, None)
        except GraphQLError as error:
            return self._nothing(error)
        return self._awaited(data) if self.is_awaitable(data) else self.build_response(data)

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: GroupedFieldSet,
        position_context: Any,
    ) -> Any:
        """The fields of one object, or the promise of them."""
        if self._selections is None:
            return super().execute_fields(parent_type, source_value, path, grouped_field_set, position_context)
        results: dict[str, Any] = {}
        waiting: list[str] = []
        try:
            for step in self._selections.steps(self.schema, parent_type, grouped_field_set):
                result = _leaf(step, source_value)
                if result is _LONG:
                    result = self._take(step, parent_type, source_value, path)
                    if self.is_awaitable(result):
                        waiting.append(step.name)
                results[step.name] = result
        except Exception:
            if waiting:
                self.settle_in_background([results[name] for name in waiting])
            raise
        return _gathered(results, waiting) if waiting else results

    def _root_fields(self, selections: Selections, root_type: GraphQLObjectType) -> GroupedFieldSet:
        if selections.root is None:
            selections.root = collect_fields(
                self.schema, self.fragments, self.variable_values, root_type, self.operation, self.hide_suggestions
            )
        return selections.root.grouped_field_set

    async def _awaited(self, data: Awaitable[dict[str, Any]]) -> Any:
        try:
            return self.build_response(await data)
        except GraphQLError as error:
            return self._nothing(error)

    def _nothing(self, error: GraphQLError) -> Any:
        self.collected_errors.add(error, None)
        return self.build_response(None)

    def _take(self, step: Step, parent_type: GraphQLObjectType, source: Any, path: Path | None) -> Any:
        result = _LONG if step.serialize is not None else self._object(step, parent_type, source, path)
        if result is _LONG:
            below = Path(path, step.name, parent_type.name)
            return self.execute_field(parent_type, source, step.details, below, None)
        return result

    def _object(self, step: Step, parent_type: GraphQLObjectType, source: Any, path: Path | None) -> Any:
        value = _read(step, source)
        if value is None or value is _LONG or step.object_type is None:
            return value
        below = Path(path, step.name, parent_type.name)
        try:
            fields = self.collect_subfields(step.object_type, step.details).grouped_field_set
            completed = self.execute_fields(step.object_type, value, below, fields, None)
        except Exception as error:  # noqa: BLE001 - graphql-core decides what becomes of it
            return self.handle_field_error(error, step.type, step.details, below)
        return self._completed(completed, step, below) if self.is_awaitable(completed) else completed

    async def _completed(self, completed: Awaitable[Any], step: Step, path: Path) -> Any:
        try:
            return await completed
        except Exception as error:  # noqa: BLE001 - as above
            return self.handle_field_error(error, step.type, step.details, path)


def _read(step: Step, source: Any) -> Any:
    """What stands there. Where that raises, or is null and may not be, the long way says what is wrong."""
    if step.read is None:
        return _LONG
    try:
        value = step.read(source)
    except Exception:  # noqa: BLE001 - as above
        return _LONG
    return _LONG if value is None and not step.nullable else value


def _leaf(step: Step, source: Any) -> Any:
    if step.serialize is None:
        return _LONG
    value = _read(step, source)
    if value is None or value is _LONG:
        return value
    try:
        serialized = step.serialize(value)
    except Exception:  # noqa: BLE001 - as above
        return _LONG
    return _LONG if serialized is None or serialized is Undefined else serialized


async def _gathered(results: dict[str, Any], waiting: Sequence[str]) -> dict[str, Any]:
    if len(waiting) == 1:
        results[waiting[0]] = await results[waiting[0]]
    else:
        results.update(zip(waiting, await gather_with_cancel(*(results[name] for name in waiting)), strict=True))
    return results
