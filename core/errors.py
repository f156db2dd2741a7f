"""What every package may raise or return.

AgioError                 something that should not happen; masked at the gateway, shown with a request id
├── ConfigurationError    the environment or a configuration file cannot be used
├── PostgresFailed        the private PostgreSQL cannot be started or stopped; the message ends with its own words
└── Overloaded            a bounded queue is full; nothing was done, try again later

Refusal                   (a value, not an exception) an expected "no", with the facts that explain it
"""

from dataclasses import dataclass


class AgioError(Exception):
    """Something that should not happen."""


class ConfigurationError(AgioError):
    """The environment or a configuration file cannot be used."""


class PostgresFailed(AgioError):
    """The private PostgreSQL cannot be started or stopped."""


class Overloaded(AgioError):
    """The queue is full; nothing was done, try again later."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An expected "no". Subclasses carry the facts; `message` says them in one sentence."""

    @property
    def message(self) -> str:
        """One sentence for a person: by default the first line of the docstring."""
        return (self.__doc__ or "").strip().partition("\n")[0]
