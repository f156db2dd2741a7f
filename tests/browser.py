"""A real browser without a window, for the pages that we serve and write."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, async_playwright, expect

expect.set_options(timeout=60_000)  # a machine may be busy; what is waited for ends the waiting
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FOUND = next((path for name in NAMES if (path := shutil.which(name))), None)

needs_browser = pytest.mark.skipif(FOUND is None, reason=f"none of {', '.join(NAMES)} is installed")
"""Marks tests that are skipped on a machine without a browser; CI installs one."""


@asynccontextmanager
async def browsing(width: int = 1400, height: int = 900) -> AsyncIterator[Page]:
    """A page; whatever the browser complains of, or loads from elsewhere than this machine, fails the test."""
    assert FOUND is not None
    troubles: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=FOUND, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(60_000)
        page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: troubles.append(request.url) if _from_elsewhere(request.url) else None)
        yield page
        await browser.close()
    assert troubles == []


def _from_elsewhere(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1:", "file:", "data:", "about:"))
