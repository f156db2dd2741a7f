"""The gateway's settings."""

import pytest

from adapters.wechat import WeChatApp
from core.errors import ConfigurationError
from gateway.settings import GatewaySettings, Mode


def test_nothing_has_to_be_set() -> None:
    found = GatewaySettings.from_environment({})
    assert (found.mode, found.public_url, found.router_secret, found.wechat) == (
        Mode.PRODUCTION,
        "http://127.0.0.1:8800",
        None,
        None,
    )


def test_everything_can_be_set() -> None:
    found = GatewaySettings.from_environment(
        {
            "AGIO_MODE": "demo",
            "AGIO_PUBLIC_URL": "https://agio.example/",
            "AGIO_ROUTER_SECRET": "r",
            "AGIO_WECHAT_APP_ID": "wx",
            "AGIO_WECHAT_SECRET": "s",
            "AGIO_WECHAT_URL": "http://127.0.0.1:1",
        }
    )
    assert (found.mode, found.public_url, found.router_secret) == (Mode.DEMO, "https://agio.example", "r")
    assert found.wechat == WeChatApp("wx", "s", "http://127.0.0.1:1")


@pytest.mark.parametrize(
    "environment",
    [{"AGIO_MODE": "debug"}, {"AGIO_WECHAT_APP_ID": "wx"}, {"AGIO_WECHAT_SECRET": "s"}, {"AGIO_PORT": "0"}],
)
def test_what_makes_no_sense_is_refused(environment: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        GatewaySettings.from_environment(environment)
