"""JSON answers outside GraphQL, all of one shape when they are errors."""

from typing import Any

import orjson
from starlette.responses import Response

JSON = "application/json"


def json_response(body: Any, *, status: int = 200) -> Response:
    """`body` as JSON."""
    return Response(orjson.dumps(body), status, media_type=JSON)


def error_body(code: str, message: str, request_id: str) -> dict[str, Any]:
    """An error: a code for programs, a sentence for people, and the id to ask about."""
    return {"error": {"code": code, "message": message, "requestId": request_id}}
