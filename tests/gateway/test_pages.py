"""Health, metrics and the explorer."""

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from gateway.settings import Mode
from tests.server import Api, demo_settings, serving


async def test_liveness_looks_at_nothing_else(shared_api: Api) -> None:
    answer = await shared_api.send("GET", "/health/live")
    assert (answer.status, answer.body) == (200, {"status": "live"})


async def test_readiness_asks_the_database(shared_api: Api) -> None:
    answer = await shared_api.send("GET", "/health/ready")
    assert (answer.status, answer.body) == (200, {"status": "ready", "database": "answers"})


async def test_answers_are_counted_by_route_and_unknown_paths_make_no_labels(shared_api: Api) -> None:
    for path in ("/nowhere", "/nowhere/else", "/health/live"):
        await shared_api.send("GET", path)
    text = str((await shared_api.send("GET", "/metrics")).body)
    assert re.search(r'agio_http_requests_total\{method="GET",route="/health/live",status="200"\} \d', text)
    assert re.search(r'agio_http_requests_total\{method="GET",route="other",status="404"\} \d', text)
    assert "nowhere" not in text
    assert 'agio_http_request_seconds_bucket{le="0.001",route="/health/live"}' in text


async def test_the_explorer_loads_nothing_from_elsewhere(shared_api: Api) -> None:
    """The page carries its script and style; its policy allows exactly these, by their hashes."""
    answer = await shared_api.send("GET", "/explorer")
    page, policy = str(answer.body), answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "http://" not in page
    assert "https://" not in page
    for tag, source in (("script", "script-src"), ("style", "style-src")):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = b64encode(sha256(content.encode()).digest()).decode()
        assert f"{source} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")


async def test_the_root_leads_to_the_explorer(shared_api: Api) -> None:
    answer = await shared_api.send("GET", "/", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (307, "/explorer")


async def test_production_has_no_explorer_and_tells_nothing_about_the_graph(database_url: str, tmp_path: Path) -> None:
    settings = replace(demo_settings(database_url, tmp_path / "home"), mode=Mode.PRODUCTION)
    with serving(settings) as server:
        async with Api.of(server) as api:
            for path in ("/explorer", "/"):
                assert (await api.send("GET", path)).status == 404
            assert (await api.ask("{ __schema { types { name } } }")).code == "GRAPHQL_VALIDATION_FAILED"
            assert "Did you mean" not in str((await api.ask("{ program { code } }")).body)
            unknown = await api.ask("query ($x: Strin!) { brand(code: $x) { code } }", x="a")
            assert "Did you mean" not in str(unknown.body)
            assert (await api.ask("{ programs { code } }")).data == {"programs": []}
