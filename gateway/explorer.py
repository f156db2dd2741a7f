"""The explorer: a page of our own, without anything from elsewhere, to try the graph by hand."""

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import HTMLResponse


async def explorer_page(request: Request) -> HTMLResponse:
    """The page; its own script and style are all that the browser may run and load."""
    del request
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _POLICY})


def _read(name: str) -> str:
    return files("gateway").joinpath("pages", name).read_text("utf-8")


def _source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


_STYLE, _SCRIPT = _read("explorer.css"), _read("explorer.js")
_PAGE = _read("explorer.html").replace("/*STYLE*/", _STYLE).replace("/*SCRIPT*/", _SCRIPT)
_POLICY = (
    f"default-src 'none'; script-src {_source(_SCRIPT)}; style-src {_source(_STYLE)}; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
