"""Errors a client may see in `errors[]`: each has a code in `extensions.code`, and the facts beside it.

CodedError
├── Unauthenticated    UNAUTHENTICATED  a token is needed
├── Forbidden          FORBIDDEN        the token lacks a scope, or the thing belongs to somebody else
├── NotFound           NOT_FOUND        there is no such thing, or none that this token may see
├── BadInput           BAD_USER_INPUT   an argument cannot be used
└── RateLimited        RATE_LIMITED     the client sends too much at a time; nothing was done

Expected refusals of the domains are not errors: they are members of result unions (`schema.refusals`). Anything
else that is raised is a bug or a failure of the machinery; the gateway masks it.
"""

from graphql import GraphQLError


class CodedError(GraphQLError):
    """An error that is meant for the client."""

    code: str

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message, extensions={"code": self.code, **facts})


class Unauthenticated(CodedError):
    """A token is needed, or the one given cannot be used."""

    code = "UNAUTHENTICATED"


class Forbidden(CodedError):
    """The token is not allowed to do this."""

    code = "FORBIDDEN"


class NotFound(CodedError):
    """There is no such thing, or none that this token may see."""

    code = "NOT_FOUND"


class BadInput(CodedError):
    """An argument cannot be used."""

    code = "BAD_USER_INPUT"


class RateLimited(CodedError):
    """The client has to wait."""

    code = "RATE_LIMITED"
