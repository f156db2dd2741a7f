"""Global ids of the graph: opaque to clients, the type's name and its key inside."""

from base64 import b64decode
from binascii import Error as Base64Error
from uuid import UUID

import strawberry

import core.global_ids
from core.ids import read_id
from schema.errors import BadInput


def global_id(type_name: str, key: UUID) -> strawberry.ID:
    """The id clients see."""
    return strawberry.ID(core.global_ids.global_id(type_name, key))


def parse_global_id(text: str) -> tuple[str, UUID]:
    """The type's name and the key. Raises BadInput."""
    try:
        type_name, _, key = b64decode(text, validate=True).decode("ascii").partition(":")
        return type_name, read_id(key)
    except (Base64Error, ValueError) as error:
        raise BadInput("That is not an id of this graph.", id=text[:80]) from error


def key_of(type_name: str, text: str) -> UUID:
    """The key of an id that must be of `type_name`. Raises BadInput."""
    found, key = parse_global_id(text)
    if found != type_name:
        message = f"That is the id of a {found}, not of a {type_name}." if found.isalpha() else "That is not an id."
        raise BadInput(message, id=text[:80])
    return key
