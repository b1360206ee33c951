"""Make the pictures of the README: play the demo and photograph its page in headless Chromium.

Run as ``.venv/bin/python -m demo.pictures``; it writes docs/images/*.png.
"""

import asyncio
import shutil
import sys
from pathlib import Path

import click
from playwright.async_api import Browser, async_playwright

from demo.stage import Stage
from demo.story import Story

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
    """Play until a card is open, and again until it is answered."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is needed for screenshots: on Debian, apt-get install chromium.")
    async with Stage() as stage, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        story = Story(stage, lambda text: click.echo(text.split("\n")[0], err=True))
        await story.connect()
        stolen, launches = await story.leaked_key()
        await photograph(browser, stage, "card.png", stolen.message_ts)
        slip, _ = await story.typo()
        await story.mark_expected(slip)
        await story.stop(stolen, launches)
        await photograph(browser, stage, "answered.png", slip.message_ts)
        await stage.type("/dd0c status")
        await photograph(browser, stage, "status.png", None)
        await browser.close()


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
