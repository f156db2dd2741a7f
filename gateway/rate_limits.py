"""How many requests one client may send: so many a second, and some seconds' worth at once. One process's own count.

The default is far above what an honest client sends; it stops a loop that has gone wild, not a busy day.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from core.errors import ConfigurationError
from schema.viewer import Viewer, ViewerKind

BURST_SECONDS: Final = 5.0
"""How many seconds' worth of requests may come at once."""
CLIENTS_MAX: Final = 100_000
"""Clients remembered; the one that was silent for longest is forgotten first."""

DEFAULT: Final[Mapping[ViewerKind, float]] = MappingProxyType(
    {
        ViewerKind.MEMBER: 50.0,
        ViewerKind.BRAND: 1_000.0,
        ViewerKind.STAFF: 100.0,
        ViewerKind.ANONYMOUS: 200.0,
    }
)
"""Requests a second: of a member, a brand's OAuth2 client, a member of staff, and an address without a token."""
RATE_MAX: Final = 1_000_000
OFF: Final[Mapping[ViewerKind, float]] = MappingProxyType({})


class Client(NamedTuple):
    """Whose requests are counted together: a tuple, for it is looked up with every request."""

    kind: ViewerKind
    name: str

    @classmethod
    def of(cls, viewer: Viewer, address: str) -> "Client":
        """The client behind a token; without one, the address that it calls from."""
        match viewer.kind:
            case ViewerKind.ANONYMOUS:
                return cls(viewer.kind, address)
            case ViewerKind.BRAND:
                return cls(viewer.kind, viewer.client_id)
            case ViewerKind.MEMBER | ViewerKind.STAFF:
                return cls(viewer.kind, viewer.subject)


class RateLimits:
    """The clients of one process. A kind without a rate is not limited."""

    def __init__(
        self, rates: Mapping[ViewerKind, float] = DEFAULT, *, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._spacing = {kind: 1 / rate for kind, rate in rates.items()}
        self._seconds = seconds
        # When the requests let in so far would all be over if they had come at an even pace.
        self._even: OrderedDict[Client, float] = OrderedDict()

    def wait_seconds(self, client: Client) -> float:
        """Let one request in: 0. Or how long the client has to wait before the next one is let in."""
        spacing = self._spacing.get(client.kind)
        if spacing is None:
            return 0.0
        now = self._seconds()
        even = max(self._even.get(client, now), now) + spacing
        # At least one request is let in at a time, however low the rate.
        ahead = even - now - max(BURST_SECONDS, spacing)
        if ahead > 0:
            return ahead
        self._even[client] = even
        self._even.move_to_end(client)
        if len(self._even) > CLIENTS_MAX:
            self._even.popitem(last=False)
        return 0.0


def read_rates(text: str) -> Mapping[ViewerKind, float]:
    """Rates from `off`, or from words such as `member=50 brand=1000`; the others are DEFAULT's.

    Raises ConfigurationError.
    """
    if text == "off":
        return OFF
    rates = dict(DEFAULT)
    for word in text.split():
        kind, _, number = word.partition("=")
        rates[_kind(kind, word)] = _rate(number, word)
    return MappingProxyType(rates)


def _kind(text: str, word: str) -> ViewerKind:
    try:
        return ViewerKind(text)
    except ValueError as error:
        raise _unreadable(word) from error


def _rate(text: str, word: str) -> float:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= RATE_MAX):
        raise _unreadable(word)
    return float(text)


def _unreadable(word: str) -> ConfigurationError:
    kinds = ", ".join(ViewerKind)
    return ConfigurationError(f"AGIO_RATE_LIMITS: {word!r} is not KIND=REQUESTS_A_SECOND with one of {kinds}, nor off")
