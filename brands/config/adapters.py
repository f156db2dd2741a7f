"""What must hold for a program's adapter: every kind has its own sections, and keeps what its capabilities promise."""

from dataclasses import fields
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from brands.adapter.adapter import Adapter
from brands.adapter.kinds import AdapterKind, BookOfRecord, Timing
from brands.adapter.security import Authentication, AuthenticationKind
from brands.config.adapter_calls import check_calls
from brands.config.adapter_webhooks import check_webhook
from brands.config.capabilities import check_capabilities
from brands.config.drop_folders import check_drop_folder
from brands.config.problems import Path, Problems

_ANY: Final = frozenset({"kind", "capabilities"})
_HTTP: Final = _ANY | {"url", "plain_http", "authentication", "answer_bytes_max", "webhook"}
_MAPPED: Final = _HTTP | {"headers", "amounts", "calls", "answer", "statuses", "failures"}
_FIELDS: Final = {
    AdapterKind.PLATFORM: frozenset({"kind"}),
    AdapterKind.REST: _MAPPED,
    AdapterKind.GRAPHQL: _MAPPED | {"sdl"},
    AdapterKind.FILE: _ANY | {"amounts", "drop_folder"},
    AdapterKind.SIMULATOR: _HTTP,
}
"""What may be written for each kind."""

_NEEDED: Final = {
    AuthenticationKind.NONE: frozenset[str](),
    AuthenticationKind.HEADER: frozenset({"header", "secret"}),
    AuthenticationKind.BASIC: frozenset({"user", "secret"}),
    AuthenticationKind.OAUTH2: frozenset({"client_id", "token_url", "secret"}),
    AuthenticationKind.SIGNATURE: frozenset({"header", "text", "secret"}),
}
_ALLOWED: Final = {
    AuthenticationKind.NONE: frozenset[str](),
    AuthenticationKind.HEADER: frozenset({"prefix"}),
    AuthenticationKind.BASIC: frozenset[str](),
    AuthenticationKind.OAUTH2: frozenset({"scope"}),
    AuthenticationKind.SIGNATURE: frozenset({"prefix", "timestamp_header", "nonce_header", "hash", "digits"}),
}


def check_adapter(path: Path, adapter: Adapter, scale: int, problems: Problems) -> None:
    """Note everything that does not hold."""
    _check_fields(path, adapter, problems)
    if adapter.kind is AdapterKind.PLATFORM:
        return
    _check_book(path, adapter, problems)
    if adapter.capabilities is None:
        problems.add((*path, "capabilities"), f"The kind {adapter.kind} must say what the brand's system can do.")
    else:
        check_capabilities((*path, "capabilities"), adapter, scale, problems)
    if adapter.kind is AdapterKind.FILE:
        check_drop_folder((*path, "drop_folder"), adapter, problems)
    else:
        _check_http(path, adapter, problems)


def _check_fields(path: Path, adapter: Adapter, problems: Problems) -> None:
    allowed = _FIELDS[adapter.kind]
    for name in _written(adapter, Adapter()) - allowed:
        problems.add((*path, name), f"The kind {adapter.kind} has no {name}.")


def _check_book(path: Path, adapter: Adapter, problems: Problems) -> None:
    if adapter.kind is AdapterKind.FILE and adapter.book_of_record is BookOfRecord.PLATFORM and adapter.capabilities:
        problems.add(
            (*path, "capabilities", "book_of_record"),
            "Files carry debits and credits to the brand's books: write brand.",
        )


def _check_http(path: Path, adapter: Adapter, problems: Problems) -> None:
    _check_url(path, "url", adapter.url, adapter, problems)
    if adapter.url is None:
        problems.add((*path, "url"), "This is missing.")
    if adapter.section.timing is Timing.FILE:
        problems.add(
            (*path, "capabilities", "timing"), f"The kind {adapter.kind} answers calls: write realtime or batch."
        )
    _check_authentication((*path, "authentication"), adapter, problems)
    if adapter.webhook is not None:
        check_webhook((*path, "webhook"), adapter, problems)
    if adapter.kind is not AdapterKind.SIMULATOR:
        check_calls(path, adapter, problems)


def _check_authentication(path: Path, adapter: Adapter, problems: Problems) -> None:
    found = adapter.authentication
    needed, written = _NEEDED[found.kind], _written(found, Authentication()) - {"kind"}
    for name in needed - written:
        problems.add((*path, name), f"The kind {found.kind} needs this.")
    for name in written - needed - _ALLOWED[found.kind]:
        problems.add((*path, name), f"The kind {found.kind} has no {name}.")
    _check_url(path, "token_url", found.token_url, adapter, problems)


def _check_url(path: Path, name: str, url: str | None, adapter: Adapter, problems: Problems) -> None:
    if url is not None and url.startswith("http:") and not adapter.plain_http and not _is_local(url):
        problems.add((*path, name), "Write https, or plain_http = true if you accept that anybody on the way can read.")


def _is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _written(section: Adapter | Authentication, blank: Adapter | Authentication) -> set[str]:
    names = {field.name for field in fields(section)}
    return {name for name in names if getattr(section, name) != getattr(blank, name)}
