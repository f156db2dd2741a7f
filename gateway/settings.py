"""What the gateway needs to know beside `core.settings`, read once from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from adapters.wechat import WeChatApp
from core.errors import ConfigurationError
from core.settings import Settings
from gateway.rate_limits import DEFAULT, read_rates
from schema.viewer import ViewerKind


class Mode(StrEnum):
    """How much the server tells about itself."""

    DEMO = "demo"
    """Introspection, suggestions and the explorer are open."""
    PRODUCTION = "production"
    """They are closed."""


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """One gateway's settings."""

    core: Settings
    mode: Mode
    """AGIO_MODE: demo or production. Default: production."""
    public_url: str
    """AGIO_PUBLIC_URL: under which clients reach the gateway, and the tokens' issuer. Default: loopback."""
    router_secret: str | None
    """AGIO_ROUTER_SECRET: what the router signs its calls to /subgraph with; without it the subgraph is closed."""
    wechat: WeChatApp | None
    """AGIO_WECHAT_APP_ID, AGIO_WECHAT_SECRET and, where it is not WeChat itself, AGIO_WECHAT_URL."""
    webhooks_loopback: bool = False
    """AGIO_WEBHOOKS_LOOPBACK=yes: webhooks may be sent to this machine, also without https. Default: no."""
    rates: Mapping[ViewerKind, float] = field(default_factory=lambda: DEFAULT)
    """AGIO_RATE_LIMITS: requests a second of one client, by kind of token, or off. Default: `gateway.rate_limits`."""

    @property
    def webhooks_to_loopback(self) -> bool:
        """Whether webhooks may be sent to this machine: where that is set, and in demo mode."""
        return self.webhooks_loopback or self.mode is Mode.DEMO

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "GatewaySettings":
        """Read the environment. Raises ConfigurationError."""
        core = Settings.from_environment(environment)
        return cls(
            core,
            _mode(environment.get("AGIO_MODE") or Mode.PRODUCTION),
            (environment.get("AGIO_PUBLIC_URL") or f"http://127.0.0.1:{core.port}").rstrip("/"),
            environment.get("AGIO_ROUTER_SECRET") or None,
            _wechat(environment),
            _yes(environment, "AGIO_WEBHOOKS_LOOPBACK"),
            read_rates(environment.get("AGIO_RATE_LIMITS", "")),
        )


def _mode(text: str) -> Mode:
    try:
        return Mode(text)
    except ValueError as error:
        message = f"AGIO_MODE must be demo or production, not {text!r}"
        raise ConfigurationError(message) from error


def _yes(environment: Mapping[str, str], name: str) -> bool:
    text = environment.get(name) or "no"
    if text not in {"yes", "no"}:
        message = f"{name} must be yes or no, not {text!r}"
        raise ConfigurationError(message)
    return text == "yes"


def _wechat(environment: Mapping[str, str]) -> WeChatApp | None:
    app_id, secret = environment.get("AGIO_WECHAT_APP_ID"), environment.get("AGIO_WECHAT_SECRET")
    if not app_id and not secret:
        return None
    if not app_id or not secret:
        raise ConfigurationError("AGIO_WECHAT_APP_ID and AGIO_WECHAT_SECRET go together")
    return WeChatApp(app_id, secret, environment.get("AGIO_WECHAT_URL") or "https://api.weixin.qq.com")
