"""Pages of long lists: Relay's connections, each with a cursor that its own list reads."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error

import strawberry

from schema.errors import BadInput

CURSOR_LENGTH_MAX = 200


@strawberry.type
class PageInfo:
    """Where a page stands among all pages."""

    has_next_page: bool
    has_previous_page: bool
    """Whether it was asked for what comes after something."""
    start_cursor: str | None
    end_cursor: str | None
    """To be given as `after` for the next page."""


def cursor_of(text: str) -> str:
    """As clients see it: opaque."""
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> str:
    """What was made a cursor. Raises BadInput."""
    if len(cursor) > CURSOR_LENGTH_MAX:
        raise unreadable_cursor()
    try:
        return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (ValueError, Base64Error) as error:
        raise unreadable_cursor() from error


def unreadable_cursor() -> BadInput:
    """For what no page gave."""
    return BadInput("That is no cursor of this list.", argument="after")


def check_first(first: int, most: int) -> None:
    """Raises BadInput for a page that is empty or too long."""
    if not 1 <= first <= most:
        message = f"`first` must be from 1 to {most}."
        raise BadInput(message, argument="first")
