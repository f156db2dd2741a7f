"""The installation in containers is described without mistakes that only its first user would find."""

import json
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from tests.house.source import ROOT

SERVICES = ["database", "gateway", "router", "worker"]


def _compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def test_the_services_are_these() -> None:
    """PostgreSQL 18, the gateway, the worker and the router, each of which comes back after a fall."""
    services = _compose()["services"]
    assert sorted(services) == SERVICES
    assert services["database"]["image"] == "postgres:18"
    assert {service["restart"] for service in services.values()} == {"unless-stopped"}


def test_what_is_named_exists() -> None:
    """Images are built from stages of our Dockerfile, volumes are declared, and each waits for what it needs."""
    compose = _compose()
    stages = set(re.findall(r"^FROM \S+ AS (\w+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    services = compose["services"]
    assert {service["build"]["target"] for service in services.values() if "build" in service} == stages
    mounted = {volume.partition(":")[0] for service in services.values() for volume in service.get("volumes", [])}
    assert mounted == set(compose["volumes"])
    awaited = {name for service in services.values() for name in service.get("depends_on", {})}
    assert all("healthcheck" in services[name] for name in awaited)


def test_what_is_copied_exists() -> None:
    """Every file that the Dockerfile copies from the checkout is there."""
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert [name for line in lines for name in line.split() if not (ROOT / name).exists()] == []


def test_no_secret_has_a_default() -> None:
    """Whoever starts it chooses the secrets, or is told that one is missing."""
    text = (ROOT / "docker-compose.yml").read_text()
    secrets = re.findall(r"\$\{(\w+(?:SECRET|PASSWORD))(\S\S)", text)
    assert secrets
    assert {default for _, default in secrets} == {":?"}


def test_the_router_is_pinned() -> None:
    """The lock has a hash for every package, no address to download from, and the version that works of one part."""
    lock = json.loads((ROOT / "router" / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert [name for name, package in packages.items() if "integrity" not in package or "resolved" in package] == []
    assert packages["node_modules/@graphql-tools/batch-execute"]["version"] == "10.2.0"
    wanted = json.loads((ROOT / "router" / "package.json").read_text())["dependencies"]
    assert {packages[f"node_modules/{name}"]["version"] for name in wanted} == set(wanted.values())


@pytest.mark.skipif(not shutil.which("node"), reason="needs node")
@pytest.mark.parametrize("script", ["compose.js", "gateway.config.js"])
def test_the_routers_scripts_are_sound(script: str) -> None:
    """Node can read them."""
    subprocess.run(["node", "--check", ROOT / "router" / script], check=True)
