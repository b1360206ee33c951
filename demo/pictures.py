"""Make the pictures of the README: play the demo and photograph its page in headless Chromium.

Run as ``.venv/bin/python -m demo.pictures``; it writes docs/images/*.png.
"""

import asyncio
import shutil
import sys
from pathlib import Path

import click
from playwright.async_api import Browser, async_playwright

from demo.aws_account import world as aws_world
from demo.stage import Stage
from demo.story import Story, external_id_in

IMAGES = Path(__file__).parent.parent / "docs" / "images"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


async def main() -> None:
    """Photograph what a newcomer sees, and what somebody sees who has the bot already."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is needed for screenshots: on Debian, apt-get install chromium.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        await photograph_pages(browser)
        await photograph_story(browser)
        await browser.close()


async def photograph_pages(browser: Browser) -> None:
    """Go from the landing page to the wizard's last step."""
    async with Stage(installable=True) as stage:
        page = await browser.new_page(viewport={"width": 1000, "height": 640}, device_scale_factor=2)
        await page.goto(stage.url)
        await page.screenshot(path=IMAGES / "landing.png")
        await page.get_by_role("link", name="Start free").first.click()
        await page.get_by_role("link", name="Sign in with Slack").click()
        await page.get_by_role("button", name="Sign in").click()
        await page.fill("#account_id", aws_world.ACCOUNT_ID)
        await page.get_by_role("button", name="Go on").click()
        stage.account.restore_role(external_id_in(await page.locator("main").inner_text()))
        await page.wait_for_url("**/slack")
        await page.get_by_role("link", name="Later").click()
        await page.get_by_text("so far").wait_for()
        await page.set_viewport_size({"width": 1000, "height": 420})
        await page.screenshot(path=IMAGES / "wizard.png")
        await page.close()


async def photograph_story(browser: Browser) -> None:
    """Play until a card is open, and again until it is answered."""
    async with Stage() as stage:
        story = Story(stage, lambda text: click.echo(text.split("\n")[0], err=True))
        await story.connect()
        stolen, launches = await story.leaked_key()
        await photograph(browser, stage, "card.png", stolen.message_ts)
        await photograph_site(browser, stage)
        slip, _ = await story.typo()
        await story.mark_expected(slip)
        await story.stop(stolen, launches)
        await photograph(browser, stage, "answered.png", slip.message_ts)
        await stage.type("/dd0c status")
        await photograph(browser, stage, "status.png", None)
        await photograph_costs(browser, stage, story)


async def photograph_costs(browser: Browser, stage: Stage, story: Story) -> None:
    """What nobody uses, what AWS bills, and the digest: each on a desk's screen and on a telephone's."""
    await story.read_costs()
    for name, line in (("zombies", "zombies"), ("spend", "spend"), ("digest", "digest")):
        await stage.type(f"/dd0c {line}")
        for width, suffix in ((1280, ""), (420, "-narrow")):
            await photograph_answer(browser, stage, f"{name}{suffix}.png", width)


async def photograph_answer(browser: Browser, stage: Stage, name: str, width: int) -> None:
    """Photograph the last answer of a command, as wide as a screen."""
    page = await browser.new_page(viewport={"width": width, "height": 1000}, device_scale_factor=2)
    await page.goto(stage.slack.url)
    await page.wait_for_selector("[data-ts]")
    await asyncio.sleep(0.5)
    await page.locator("[data-ts]").last.screenshot(path=IMAGES / name)
    await page.close()


async def photograph_site(browser: Browser, stage: Stage) -> None:
    """Sign in, and look at the dashboard and at the page of what is burning."""
    page = await browser.new_page(viewport={"width": 1100, "height": 820}, device_scale_factor=2)
    await page.goto(f"{stage.url}/sign-in/slack")
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("heading", name="Recent anomalies").wait_for()
    await page.screenshot(path=IMAGES / "dashboard.png")
    await page.locator(".timeline a").first.click()
    await page.get_by_role("heading", name="How to stop it").wait_for()
    await page.screenshot(path=IMAGES / "anomaly.png")
    await page.close()


async def photograph(browser: Browser, stage: Stage, name: str, message_ts: str | None) -> None:
    """Photograph one message, or the whole channel."""
    page = await browser.new_page(viewport={"width": 1100, "height": 1000}, device_scale_factor=2)
    await page.goto(stage.slack.url)
    await page.wait_for_selector("[data-ts]")
    await asyncio.sleep(0.5)
    target = page.locator(f'[data-ts="{message_ts}"]').first if message_ts else page
    await target.screenshot(path=IMAGES / name)
    await page.close()


if __name__ == "__main__":
    asyncio.run(main())
