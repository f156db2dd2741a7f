"""How much one document may ask for: judged in one cheap walk before it is validated, fragments where they are used."""

from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)


@dataclass(frozen=True, slots=True)
class Weight:
    """What a selection asks for, or the most of it that is allowed."""

    depth: int = 0
    """Fields below each other. Introspection is not counted: its own query is deep."""
    fields: int = 0
    """Fields in all, those of a fragment once for each use."""
    aliases: int = 0
    directives: int = 0


LIMITS = Weight(depth=12, fields=1_000, aliases=30, directives=30)
"""The most of one operation."""
TOKENS_MAX = 2_000
"""The most lexical tokens of one document."""

_ENDLESS = Weight()


def breaches(document: DocumentNode, limits: Weight = LIMITS) -> list[GraphQLError]:
    """An error for each limit that an operation breaks."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    scale = _Scale(fragments)
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    return [error for node in operations for error in _compare(scale.weigh_operation(node), limits)]


def _compare(weight: Weight, limits: Weight) -> list[GraphQLError]:
    return [
        GraphQLError(f"The operation asks for too much: {name} {asked}, at most {allowed}.")
        for name in ("depth", "fields", "aliases", "directives")
        if (asked := getattr(weight, name)) > (allowed := getattr(limits, name))
    ]


class _Scale:
    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._weighed: dict[str, Weight] = {}

    def weigh_operation(self, operation: OperationDefinitionNode) -> Weight:
        own = Weight(directives=len(operation.directives or ()))
        return _sum([own, self._selections(operation.selection_set)])

    def _selections(self, selection_set: SelectionSetNode | None) -> Weight:
        return _sum([self._selection(node) for node in selection_set.selections]) if selection_set else Weight()

    def _selection(self, node: SelectionNode) -> Weight:
        directives = Weight(directives=len(node.directives or ()))
        if isinstance(node, FragmentSpreadNode):
            return _sum([directives, self._fragment(node.name.value)])
        inner = self._selections(getattr(node, "selection_set", None))
        if isinstance(node, FieldNode):
            return _sum([directives, _below(node, inner)])
        return _sum([directives, inner])

    def _fragment(self, name: str) -> Weight:
        if name not in self._fragments:
            return Weight()
        if name not in self._weighed:
            self._weighed[name] = _ENDLESS  # a circle ends here; validation names it
            self._weighed[name] = self._selections(self._fragments[name].selection_set)
        return self._weighed[name]


def _below(field: FieldNode, inner: Weight) -> Weight:
    depth = 0 if field.name.value.startswith("__") else inner.depth + 1
    return Weight(depth, inner.fields + 1, inner.aliases + (field.alias is not None), inner.directives)


def _sum(weights: list[Weight]) -> Weight:
    return Weight(
        max((weight.depth for weight in weights), default=0),
        sum(weight.fields for weight in weights),
        sum(weight.aliases for weight in weights),
        sum(weight.directives for weight in weights),
    )
