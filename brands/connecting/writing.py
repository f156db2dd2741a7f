"""An adapter as the TOML that says it: what is not written is what holds without being written. It can be sent back."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import time
from enum import Enum
from typing import Any, Final

from brands.adapter.adapter import Adapter

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def as_toml(adapter: Adapter) -> str:
    """The adapter's table without its header, those below it with theirs."""
    written = {"kind": adapter.kind.value, **_table(adapter)}
    return "\n".join(_lines(written, ())).strip() + "\n"


def _table(section: Any) -> dict[str, Any]:
    """What a section says that it would not be without saying it."""
    said = ((field, getattr(section, field.name)) for field in fields(section))
    return {field.name: _plain(value) for field, value in said if value is not None and value != _default(field)}


def _default(field: "Field[Any]") -> Any:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return _table(value)
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return value.strftime("%H:%M") if isinstance(value, time) else value


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    tables = {key: item for key, item in table.items() if isinstance(item, dict)}
    own = {key: item for key, item in table.items() if key not in tables}
    if path and (own or not tables):
        yield f"\n[{'.'.join(map(_key, path))}]"
    for key, item in own.items():
        yield f"{_key(key)} = {_value(item)}"
    for key, item in tables.items():
        yield from _lines(item, (*path, key))


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, str):
        return _document(value) if "\n" in value else _text(value)
    return repr(value)


def _document(text: str) -> str:
    """Several lines as they are, where they can stand so."""
    plain = all(character.isprintable() or character in "\n\t" for character in text)
    if not plain or '"""' in text or text.endswith('"'):
        return _text(text)
    escaped = text.replace("\\", "\\\\")
    return f'"""\n{escaped}"""'


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
