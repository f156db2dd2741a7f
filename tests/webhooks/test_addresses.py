"""Where webhooks may be sent."""

import pytest

from webhooks.addresses import address_allowed, check_url


@pytest.mark.parametrize(
    "url",
    [
        "https://crm.example.com/hooks",
        "https://crm.example.com:8443/hooks?brand=aurora",
        "https://93.184.215.14/hooks",
        "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/hooks",
    ],
)
def test_public_addresses(url: str) -> None:
    assert check_url(url, loopback=False) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example.com/hooks",
        "ftp://crm.example.com/",
        "https://",
        "https:///hooks",
        "not a url",
        "",
        "https://crm.example.com/ hooks",
        "https://crm.example.com/#there",
        "https://us:them@crm.example.com/",
        "https://crm.example.com:99999/",
        "https://[::1",
        "https://例子.example/",
        "https://crm.example.com/" + "x" * 2_000,
        "https://localhost/",
        "https://db.internal/",
        "https://printer.local/",
        "https://intranet/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://10.0.0.1/",
        "https://172.16.0.1/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://255.255.255.255/",
        "https://[::1]/",
        "https://[::]/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://[ff02::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://[2002:7f00:1::]/",
    ],
)
def test_what_only_we_can_reach_and_what_is_no_address(url: str) -> None:
    assert check_url(url, loopback=False) is not None


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/", "http://localhost:8080/", "https://[::1]:8080/hooks"])
def test_this_machine_where_that_is_allowed(url: str) -> None:
    assert check_url(url, loopback=True) is None
    assert check_url(url, loopback=False) is not None


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "https://10.0.0.1/", "http://crm.example.com/"])
def test_nothing_else_is_allowed_with_it(url: str) -> None:
    assert check_url(url, loopback=True) is not None


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:192.168.0.1", "169.254.169.254", "nonsense", "fe80::1%eth0"])
def test_addresses_that_names_resolve_to(address: str) -> None:
    """A public name that leads into a private network is refused when it is called."""
    assert not address_allowed(address, loopback=True)
