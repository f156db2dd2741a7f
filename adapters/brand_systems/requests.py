"""From a call's mapping to the message that is sent."""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from adapters.brand_systems.door import Message
from adapters.brand_systems.known import Known, quoted
from brands.adapter.adapter import Adapter
from brands.adapter.kinds import AdapterKind
from brands.adapter.messages import CallMapping
from brands.adapter.templates import BadTemplate, filled, filled_body, found, parsed

_JSON: Final = "application/json"
_GRAPHQL: Final = "application/graphql-response+json, application/json;q=0.9"


class Unsendable(ValueError):
    """What is asked cannot be written as the mapping wants it; the argument says why."""


def message(adapter: Adapter, mapping: CallMapping, url: str, known: Known) -> Message:
    """The request. Raises Unsendable."""
    try:
        if adapter.kind is AdapterKind.GRAPHQL:
            return _graphql(adapter, mapping, url, known)
        return _rest(adapter, mapping, url, known)
    except BadTemplate as error:
        raise Unsendable(str(error)) from None


def _rest(adapter: Adapter, mapping: CallMapping, url: str, known: Known) -> Message:
    query = {name: filled(template, known) for name, template in mapping.query.items()}
    written = urlencode({name: _text(value) for name, value in query.items() if value is not None})
    place = url + _path(mapping.path or "/", known) + (f"?{written}" if written else "")
    body = _json(filled_body(mapping.body, known)) if mapping.body else b""
    return Message(mapping.method, place, _headers(adapter, mapping, known, _JSON), body)


def _graphql(adapter: Adapter, mapping: CallMapping, url: str, known: Known) -> Message:
    asked = {"query": mapping.document, "variables": filled_body(mapping.variables, known)}
    return Message("POST", url, _headers(adapter, mapping, known, _GRAPHQL), _json(asked))


def _path(template: str, known: Known) -> str:
    """Every expression in it finds something, or another place would be asked."""
    spoken = quoted(known)
    pieces = [piece if isinstance(piece, str) else _text(found(piece, spoken)) for piece in parsed(template)]
    path = "".join(pieces)
    if not all(pieces) or {".", ".."} & set(path.split("/")):
        raise Unsendable("A part of the path is empty or leads elsewhere.")
    return path


def _headers(adapter: Adapter, mapping: CallMapping, known: Known, accepted: str) -> dict[str, str]:
    templates = {**adapter.headers, **mapping.headers}
    headers = {name: filled(template, known) for name, template in templates.items()}
    texts = {name: _text(value) for name, value in headers.items() if value is not None}
    if not all(text.isprintable() for text in texts.values()):
        raise Unsendable("A header would hold characters that cannot be printed.")
    own = {"Accept": accepted, "User-Agent": "agio"}
    if mapping.body or mapping.document:
        own["Content-Type"] = _JSON
    return {**{name: text for name, text in own.items() if not _names(texts, name)}, **texts}


def _names(headers: Mapping[str, str], name: str) -> bool:
    return name.lower() in {one.lower() for one in headers}


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
