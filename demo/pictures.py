"""Make the pictures of the README and the docs: play the demo and photograph its page in headless Chromium.

Run as ``.venv/bin/python -m demo.pictures``; it writes docs/images/*.png. With ``--to`` and ``--width`` it shows
elsewhere what a narrow window shows.
"""

import asyncio
import shutil
import sys
from pathlib import Path

import click
from playwright.async_api import Browser, async_playwright

from demo.aws_account import world as aws_world
from demo.slack_pictures import Camera, photograph_slack
from demo.stage import Stage
from demo.story import Story, external_id_in

IMAGES = Path(__file__).parent.parent / "docs" / "images"
_TELEPHONE = 420
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@click.command()
@click.option("--to", "folder", type=click.Path(path_type=Path, file_okay=False), default=IMAGES, show_default=True)
@click.option("--width", type=click.IntRange(320, 4000), default=1280, show_default=True, help="Of Slack, in pixels.")
@click.option("--slack-only", is_flag=True, help="Leave the bot's own pages for newcomers out.")
def pictures(folder: Path, width: int, slack_only: bool) -> None:
    """Play the demo, and photograph its page and the bot's own."""
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(photograph_all(folder, width, slack_only=slack_only))


async def photograph_all(folder: Path, width: int, *, slack_only: bool) -> None:
    """Photograph what a newcomer sees, and what somebody sees who has the bot already."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is needed for screenshots: on Debian, apt-get install chromium.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        if not slack_only:
            await photograph_pages(browser, folder)
        await photograph_story(browser, folder, width)
        await browser.close()


async def photograph_pages(browser: Browser, folder: Path) -> None:
    """Go from the landing page to the wizard's last step."""
    async with Stage(installable=True) as stage:
        page = await browser.new_page(viewport={"width": 1000, "height": 640}, device_scale_factor=2)
        await page.goto(stage.url)
        await page.screenshot(path=folder / "landing.png")
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
        await page.screenshot(path=folder / "wizard.png")
        await page.close()


async def photograph_story(browser: Browser, folder: Path, width: int) -> None:
    """Play the story in Slack, and look at the bot's own pages once something burns."""
    async with Stage() as stage:
        story = Story(stage, lambda text: click.echo(text.split("\n")[0], err=True))
        await story.connect()
        camera = Camera(browser, folder, width)
        await photograph_slack(camera, stage, story)
        await photograph_site(browser, stage, folder)
        await photograph_costs(camera, stage, story)


async def photograph_costs(camera: Camera, stage: Stage, story: Story) -> None:
    """What nobody uses, what AWS bills, and the digest: each on a desk's screen and on a telephone's."""
    await story.read_costs()
    for name, line in (("zombies", "zombies"), ("spend", "spend"), ("digest", "digest")):
        await stage.type(f"/dd0c {line}")
        await photograph_answer(camera, stage, name)
        await photograph_answer(Camera(camera.browser, camera.folder, _TELEPHONE), stage, f"{name}-narrow")


async def photograph_answer(camera: Camera, stage: Stage, name: str) -> None:
    """Photograph the last answer of a command, as wide as a screen."""
    page = await camera.open(stage)
    await camera.take(page.locator("[data-ts]").last, name)
    await page.close()


async def photograph_site(browser: Browser, stage: Stage, folder: Path) -> None:
    """Sign in, and look at the dashboard and at the page of what is burning."""
    page = await browser.new_page(viewport={"width": 1100, "height": 820}, device_scale_factor=2)
    await page.goto(f"{stage.url}/sign-in/slack")
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("heading", name="Recent anomalies").wait_for()
    await page.screenshot(path=folder / "dashboard.png")
    await page.locator(".timeline a").first.click()
    await page.get_by_role("heading", name="How to stop it").wait_for()
    await page.screenshot(path=folder / "anomaly.png")
    await page.close()


if __name__ == "__main__":
    pictures()
