"""Where webhooks may be sent: to the public internet over https, so that nobody makes us call what only we can reach.

The address is looked at twice: as text when it is registered, and as the numbers it resolves to when it is called.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from webhooks.errors import UrlUnusable

URL_LENGTH_MAX: Final = 2_000

_LOCAL_NAMES: Final = ("localhost", ".localhost", ".local", ".internal", ".home.arpa")
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")
"""NAT64: the last four bytes are an IPv4 address."""


def check_url(text: str, *, loopback: bool) -> UrlUnusable | None:
    """Why `text` cannot be called; None when it can. `loopback` allows this machine, also without https."""
    if len(text) > URL_LENGTH_MAX or not text.isascii() or not text.isprintable() or " " in text:
        return UrlUnusable(f"it must be at most {URL_LENGTH_MAX} printable ASCII characters")
    try:
        url = urlsplit(text)
        host, _ = url.hostname, url.port
    except ValueError:
        return UrlUnusable("it is not a URL")
    return UrlUnusable("it names no host") if not host else _check_parts(url, host.rstrip("."), loopback=loopback)


def _check_parts(url: SplitResult, host: str, *, loopback: bool) -> UrlUnusable | None:
    if loopback and is_loopback(host) and url.scheme in {"http", "https"}:
        return None
    if url.scheme != "https":
        return UrlUnusable("it must begin with https://")
    if url.username is not None or url.password is not None:
        return UrlUnusable("it must not hold a name or a password")
    if url.fragment:
        return UrlUnusable("it must not have a fragment")
    if not host_allowed(host, loopback=loopback):
        return UrlUnusable("it leads into a private network")
    return None


def host_allowed(host: str, *, loopback: bool) -> bool:
    """Whether `host`, a name or an address as it stands in a URL, may be called; a name's addresses come later."""
    address = _address(host)
    if address is not None:
        return address_allowed(str(address), loopback=loopback)
    if loopback and is_loopback(host):
        return True
    # All digits and dots, or hexadecimal: what some resolvers read as an address in another notation.
    last = host.rpartition(".")[2].lower()
    return not (host.lower().endswith(_LOCAL_NAMES) or "." not in host or last.isdigit() or last.startswith("0x"))


def address_allowed(text: str, *, loopback: bool) -> bool:
    """Whether the IP address is public, or this machine's own and that is allowed."""
    address = _address(text)
    if address is None:
        return False
    if address.is_loopback:
        return loopback
    if isinstance(address, IPv6Address):
        return _public_v6(address)
    return _public(address)


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine by name or by number."""
    address = _address(host)
    return host.lower() == "localhost" or (address is not None and address.is_loopback)


def _public_v6(address: IPv6Address) -> bool:
    inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
    if address in _TRANSLATED:
        inner = IPv4Address(int(address) & 0xFFFF_FFFF)
    return _public(address) if inner is None else _public(inner)


def _public(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
