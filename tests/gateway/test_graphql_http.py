"""GraphQL over HTTP."""

import aiohttp
from tests.gateway.conftest import serving


async def test_ping(settings):
    with serving(settings) as server:
        async with aiohttp.ClientSession(server.url) as s:
            async with s.post(
                "/graphql", json={"query": 'mutation { ping(idempotencyKey: "a") { idempotencyKey } }'}
            ) as r:
                print(r.status, dict(r.headers), await r.text())
            async with s.get("/metrics") as r:
                print((await r.text())[:200])
            async with s.get("/health/ready") as r:
                print((await r.text())[:200])
            async with s.get("/nix") as r:
                print((await r.text())[:200])
            async with s.post("/graphql", json={"query": "{nix}"}) as r:
                print(r.status, dict(r.headers), await r.text())
            for q in ["{ versio }", "{", ""]:
                async with s.post("/graphql", json={"query": q}) as r:
                    print(r.status, dict(r.headers), await r.text())
