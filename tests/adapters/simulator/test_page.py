"""The simulator's page, in a real browser."""

from playwright.async_api import expect

from adapters.simulator.faults import FaultKind
from tests.adapters.simulator.conftest import Caller
from tests.browser import browsing, needs_browser


@needs_browser
async def test_it_shows_books_and_calls_live_and_switches_faults(caller: Caller) -> None:
    """What is called while it is open appears; a fault that is switched on there meets the next call."""
    async with browsing() as page:
        await page.goto(caller.url)
        await expect(page.locator("#program")).to_have_text("SIM")
        await expect(page.locator("#no-calls")).to_be_visible()
        await caller.debit("r-1", 2500)
        line = page.locator("#calls tr", has_text="r-1")
        await expect(line).to_contain_text("debit")
        await expect(page.locator("#entries tr").first).to_contain_text("-2500")
        await expect(page.locator("#figures")).to_contain_text("whole")
        await line.click()
        await expect(page.locator("#message-answer")).to_contain_text('"balance": "997500"')
        await page.get_by_role("button", name="Close").click()

        await page.locator("select[name=kind]").select_option("too_many")
        await page.locator("select[name=operation]").select_option("credit")
        await page.locator("input[name=times]").fill("1")
        await page.get_by_role("button", name="Switch on").click()
        await expect(page.locator("#faults li")).to_contain_text("too many, of credit, 1×")
        assert (await caller.credit("r-2", 5)).status == 429
        await expect(page.locator("#calls tr", has_text="r-2")).to_contain_text("RATE_LIMITED")
        await page.get_by_role("button", name="off", exact=True).click()
        await expect(page.locator("#faults li")).to_have_text("none")
    assert caller.brand.faults.faults == ()


@needs_browser
async def test_it_moves_the_clock_and_closes_the_brand(caller: Caller) -> None:
    await caller.credit("r-1", 9109)
    async with browsing() as page:
        await page.goto(caller.url)
        await expect(page.locator("#entries tr", has_text="r-1")).to_contain_text("pending")
        await page.get_by_role("button", name="+1 min").click()
        await expect(page.locator("#entries tr", has_text="r-1")).to_contain_text("success")
        await page.get_by_role("button", name="Members").click()
        await expect(page.locator("#members tr", has_text="gold")).to_contain_text("1009109")
        await page.locator("#maintenance").check()
        await expect(page.locator("#maintenance")).to_be_checked()
    assert caller.brand.delivery.maintenance.on


async def test_it_loads_nothing_from_elsewhere(caller: Caller) -> None:
    answer = await caller.send("GET", "/")
    assert "://" not in answer.body
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'sha256-")


async def test_it_knows_every_fault(caller: Caller) -> None:
    text = (await caller.send("GET", "/")).body
    assert [kind for kind in FaultKind if f"{kind.value}: " not in text] == []
