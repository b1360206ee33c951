"""Photographs of what people see in Slack: cards, a thread, a question, the Home, lists, a digest and forms."""

import asyncio
from io import BytesIO
from pathlib import Path

import msgspec
from PIL import Image
from playwright.async_api import Browser, Locator, Page

from demo.slack_workspace.models import Message
from demo.stage import Stage
from demo.story import Story
from demo.ticketing import connect_tracker, make_ticket

_HEIGHT = 2600
_COLORS = 64
_PAINTED_SECONDS = 0.6
_SECONDS = 30.0


class Camera(msgspec.Struct):
    """Writes into ``folder`` what a window of ``width`` pixels shows."""

    browser: Browser
    folder: Path
    width: int = 1280

    async def open(self, stage: Stage, user_id: str | None = None) -> Page:
        """The demo's page as somebody sees it who has just come."""
        page = await self.browser.new_page(viewport={"width": self.width, "height": _HEIGHT}, device_scale_factor=2)
        await page.goto(stage.slack.url)
        if user_id is not None:
            await page.locator(f'[data-user="{user_id}"]').click()
        await page.wait_for_selector("[data-ts]")
        return page

    async def take(self, target: Page | Locator, name: str) -> None:
        """Photograph it; few colours do for a page, and keep the file small."""
        await asyncio.sleep(_PAINTED_SECONDS)
        picture = Image.open(BytesIO(await target.screenshot()))
        few = picture.convert("RGB").quantize(_COLORS, dither=Image.Dither.NONE)
        few.save(self.folder / f"{name}.png", optimize=True)


async def photograph_slack(camera: Camera, stage: Stage, story: Story) -> None:
    """Go from a card to its thread, and through the commands. The account is connected already."""
    stolen, _ = await story.leaked_key()
    await _take_message(camera, stage, stolen, "card")
    await connect_tracker(stage)
    await make_ticket(stage, stolen)
    slip, _ = await story.typo()
    await _ask_the_actor(camera, stage, slip)
    page = await camera.open(stage)
    await _forms(camera, page, stolen)
    await _answers(camera, page)
    await page.locator("[data-app-home]").click()
    await page.locator(".home .block").first.wait_for()
    await camera.take(page.locator(".home"), "home")
    await page.close()


async def _take_message(camera: Camera, stage: Stage, message: Message, name: str) -> None:
    page = await camera.open(stage)
    await camera.take(_message(page, message.message_ts), name)
    await page.close()


def _message(page: Page, message_ts: str) -> Locator:
    return page.locator(f'[data-ts="{message_ts}"]').first


async def _ask_the_actor(camera: Camera, stage: Stage, card: Message) -> None:
    """Sam asks Maria, who says that it was not hers; the card's thread calls Sam."""
    slack, maria = stage.slack, stage.maria.user_id
    direct = slack.state.direct_channel(maria).channel_id
    before = len(slack.messages(direct))
    await slack.select(stage.sam.user_id, card.channel_id, card.message_ts, "anomaly.more", f"ask {maria}")
    await stage.until(lambda: len(slack.messages(direct)) > before, _SECONDS)
    question = slack.messages(direct)[-1]
    page = await camera.open(stage, maria)
    await page.locator(f'[data-channel="{direct}"]').first.click()
    await camera.take(_message(page, question.message_ts), "ask")
    await page.close()
    await slack.click(maria, direct, question.message_ts, "ask.not_mine")
    await stage.until(lambda: bool(card.replies), _SECONDS)
    await _take_message(camera, stage, card, "thread")


async def _forms(camera: Camera, page: Page, card: Message) -> None:
    """The forms behind *Snooze* and behind the routes' button."""
    shown = _message(page, card.message_ts)
    await shown.locator('[data-action-id="anomaly.snooze"]').click()
    await page.get_by_role("option", name="4 hours", exact=True).click()
    await _take_form(camera, page, "snooze")
    await _type(page, "/dd0c settings route")
    await page.locator(".ephemeral").last.locator('[data-action-id="routes.open"]').click()
    await _take_form(camera, page, "routes")


async def _take_form(camera: Camera, page: Page, name: str) -> None:
    form = page.locator("[data-view-id]")
    await form.locator(".block").first.wait_for()
    await camera.take(form, name)
    await form.locator('[data-modal="close"]').click()
    await form.wait_for(state="detached")


async def _answers(camera: Camera, page: Page) -> None:
    for line, name in (("/dd0c anomalies", "anomalies"), ("/dd0c status", "status")):
        await _type(page, line)
        await camera.take(page.locator(".ephemeral").last, name)


async def _type(page: Page, line: str) -> None:
    answers = page.locator(".ephemeral")
    before = await answers.count()
    await page.fill("#line", line)
    await page.press("#line", "Enter")
    await answers.nth(before).wait_for()
