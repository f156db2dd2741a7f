"""Reading request bodies that may be too long."""

from starlette.exceptions import HTTPException
from starlette.requests import Request


async def read_body(request: Request, bytes_max: int) -> bytes:
    """The body. Raises HTTPException 413 as soon as more than `bytes_max` bytes are announced or arrive."""
    announced = request.headers.get("content-length", "0")
    if announced.isascii() and announced.isdigit() and int(announced) > bytes_max:
        raise _too_large(bytes_max)
    chunks: list[bytes] = []
    length = 0
    async for chunk in request.stream():
        length += len(chunk)
        if length > bytes_max:
            raise _too_large(bytes_max)
        chunks.append(chunk)
    return b"".join(chunks)


def _too_large(bytes_max: int) -> HTTPException:
    return HTTPException(413, f"The body is longer than {bytes_max} bytes.")
