"""What a client sees of an error. Nothing of ours leaks: what is not meant for clients becomes a code and a request id.

UNAVAILABLE    the database or the way to it failed; repeat the call with the same key or id
OVERLOADED     a bounded queue is full; nothing was done
INTERNAL       a bug; logged with the request id
"""

import logging
import re
from typing import Any, Final

from graphql import GraphQLError

from core.errors import Overloaded
from core.faults import Fault, fault_of
from schema.errors import BadInput, CodedError

log = logging.getLogger("agio.gateway")

UNAVAILABLE = "UNAVAILABLE"
OVERLOADED = "OVERLOADED"
INTERNAL = "INTERNAL"

_MASKS = {
    UNAVAILABLE: "The service is not available at the moment. Repeat the same request in a while.",
    OVERLOADED: "Too many requests are waiting; nothing was done. Repeat the same request in a while.",
    INTERNAL: "Something went wrong on our side.",
}


def code_of(exception: BaseException) -> str:
    """The code under which an exception that is not meant for clients is shown."""
    if isinstance(exception, Overloaded):
        return OVERLOADED
    return UNAVAILABLE if fault_of(exception) is Fault.MACHINERY else INTERNAL


def masked(exception: BaseException, request_id: str) -> dict[str, Any]:
    """Message and extensions for an exception that is not meant for clients; the exception itself is logged."""
    code = code_of(exception)
    if code == INTERNAL:
        log.error("bug", exc_info=exception, extra={"request_id": request_id})
    else:
        log.warning("%s: %s", code.lower(), type(exception).__name__, extra={"request_id": request_id})
    return {"message": _MASKS[code], "extensions": {"code": code, "requestId": request_id}}


def shown(error: GraphQLError, request_id: str) -> dict[str, Any]:
    """One entry of `errors[]`."""
    formatted: dict[str, Any] = dict(error.formatted)
    original = error.original_error
    argument = _unusable_argument(error)
    if argument:
        formatted["message"] = f"Argument '{argument}' must not be null; leave it out in place of that."
    if argument or _meant_for_clients(error):
        formatted["extensions"] = {"code": BadInput.code, **formatted.get("extensions", {}), "requestId": request_id}
    else:
        formatted |= masked(original or error, request_id)
    return formatted


def _meant_for_clients(error: GraphQLError) -> bool:
    # Without a path it was refused before anything ran: a document or a variable that cannot be used.
    return error.path is None or isinstance(error.original_error, CodedError)


_ARGUMENT: Final = re.compile(r"Argument '(\w+)' has invalid value: Expected variable .* not to be None\.")


def _unusable_argument(error: GraphQLError) -> str | None:
    """The argument that got a null variable where none may be: with a default it is seen only when the field is run."""
    found = _ARGUMENT.fullmatch(error.message) if type(error.original_error) is GraphQLError else None
    return found and found[1]
