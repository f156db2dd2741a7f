"""Reads tables into the dataclasses of `sections`, noting every problem and going on.

What cannot be read is replaced by a blank value; a reading with problems is never used beyond the checks.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields
from functools import cache
from typing import Annotated, Any, Protocol, TypeVar, get_args, get_origin, get_type_hints

from brands.config.leaves import Leaf, Unfit
from brands.config.problems import Path, Problems

_Section = TypeVar("_Section")


class _Node(Protocol):
    """Reads what stands at one place of the file."""

    def read(self, written: object, path: Path, problems: Problems) -> Any: ...

    def blank(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class _LeafNode:
    leaf: Leaf

    def read(self, written: object, path: Path, problems: Problems) -> Any:
        try:
            return self.leaf.read(written)
        except Unfit as unfit:
            problems.add(path, str(unfit))
            return self.leaf.blank

    def blank(self) -> Any:
        return self.leaf.blank


@dataclass(frozen=True, slots=True)
class _OpaqueNode:
    """A table that somebody else checks."""

    def read(self, written: object, path: Path, problems: Problems) -> Mapping[str, object]:
        return _table(written, path, problems) or {}

    def blank(self) -> Mapping[str, object]:
        return {}


@dataclass(frozen=True, slots=True)
class _TableNode:
    """A table whose keys are codes."""

    key: _Node
    item: _Node

    def read(self, written: object, path: Path, problems: Problems) -> Mapping[str, Any]:
        table = _table(written, path, problems) or {}
        return {
            self.key.read(code, (*path, code), problems): self.item.read(item, (*path, code), problems)
            for code, item in table.items()
        }

    def blank(self) -> Mapping[str, Any]:
        return {}


@dataclass(frozen=True, slots=True)
class _ListNode:
    item: _Node

    def read(self, written: object, path: Path, problems: Problems) -> tuple[Any, ...]:
        if not isinstance(written, list):
            problems.unread(path, "This must be a list in square brackets.")
            return ()
        return tuple(self.item.read(item, path, problems) for item in written)

    def blank(self) -> tuple[Any, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class _SectionNode:
    section: Any

    def read(self, written: object, path: Path, problems: Problems) -> Any:
        table = _table(written, path, problems)
        if table is None:
            return self.blank()
        nodes = _nodes(self.section)
        _refuse_unknown(table, nodes, path, problems)
        return self.section(
            **{
                name: node.read(table[name], (*path, name), problems)
                if name in table
                else _absent(node, path, name, problems)
                for name, (node, required) in nodes.items()
                if required or name in table
            }
        )

    def blank(self) -> Any:
        return self.section(
            **{name: node.blank() for name, (node, required) in _nodes(self.section).items() if required}
        )


def read_section(section: type[_Section], written: object, problems: Problems) -> _Section:
    """`written` (as tomllib gives it) as a `section`; use it only when no problem was noted."""
    read: _Section = _SectionNode(section).read(written, (), problems)
    return read


def _refuse_unknown(table: Mapping[str, object], nodes: Mapping[str, object], path: Path, problems: Problems) -> None:
    for name in [name for name in table if name not in nodes]:
        problems.unknown((*path, name), "The field", name, nodes.keys())


def _absent(node: _Node, path: Path, name: str, problems: Problems) -> Any:
    problems.unread((*path, name), "This is missing.")
    return node.blank()


def _table(written: object, path: Path, problems: Problems) -> Mapping[str, object] | None:
    if isinstance(written, dict):
        return written
    problems.unread(path, "This must be a table.")
    return None


@cache
def _nodes(section: Any) -> Mapping[str, tuple[_Node, bool]]:
    hints = get_type_hints(section, include_extras=True)
    return {field.name: (_node(hints[field.name]), _is_required(field)) for field in fields(section)}


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _node(hint: Any) -> _Node:
    """How to read what has the type `hint`."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is None:
        return _SectionNode(hint)
    if origin is Annotated:
        return _LeafNode(arguments[1])
    if origin is tuple:
        return _ListNode(_node(arguments[0]))
    if origin is Mapping:
        return _OpaqueNode() if arguments[1] is object else _TableNode(_node(arguments[0]), _node(arguments[1]))
    return _node(arguments[0])  # optional: the other argument is None
