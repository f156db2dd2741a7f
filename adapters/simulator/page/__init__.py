"""The simulator's page: its books and calls, live, and the switches of its faults. Nothing comes from elsewhere."""

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

from aiohttp import web


async def page(_: web.Request) -> web.Response:
    """The page; its own script and style are all that the browser may run and load."""
    return web.Response(text=_PAGE, content_type="text/html", headers={"Content-Security-Policy": _POLICY})


def _read(name: str) -> str:
    return files("adapters.simulator.page").joinpath(name).read_text("utf-8")


def _source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


_STYLE, _SCRIPT = _read("page.css"), _read("page.js")
_PAGE = _read("page.html").replace("/*STYLE*/", _STYLE).replace("/*SCRIPT*/", _SCRIPT)
_POLICY = (
    f"default-src 'none'; script-src {_source(_SCRIPT)}; style-src {_source(_STYLE)}; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
