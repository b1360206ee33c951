"""The demo's page in a real browser, the whole bot behind it: install, connect, cards, forms, a digest, and the end."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from demo.aws_account import world as aws_world
from demo.slack_workspace.models import Message
from demo.stage import Stage
from demo.story import Story
from demo.ticketing import connect_tracker
from tests.browser.test_slack_page import ARGUMENTS, CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine's PATH"),
]

PATIENCE_MS = 20_000
RUNNING = re.compile(r"Running: \$([\d,.]+) per hour")


@asynccontextmanager
async def open_page(stage: Stage) -> AsyncIterator[Page]:
    """The page as the demo's visitor opens it; a script error fails the test."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE_MS)
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        await page.goto(stage.slack.url)
        yield page
        await browser.close()
    assert troubles == []


def shown(page: Page, card: Message) -> Locator:
    return page.locator(f'[data-ts="{card.message_ts}"]')


async def install(stage: Stage, page: Page) -> None:
    """Add the app as Maria, for the demo's channel; the bot greets her, and the page shows Slack again."""
    await page.goto(f"{stage.url}/v1/slack/install")
    await page.select_option('[name="user"]', stage.maria.user_id)
    await page.select_option('[name="channel"]', stage.channel.channel_id)
    await page.get_by_role("button", name="Allow").click()
    await expect(page.locator("main")).to_contain_text("dd0c/cost is installed in acme", timeout=PATIENCE_MS)
    direct = stage.slack.state.direct_channel(stage.maria.user_id).channel_id
    assert await stage.until(lambda: bool(stage.slack.messages(direct)), PATIENCE_MS / 1000)
    assert stage.slack.messages(stage.channel.channel_id) == []
    await page.goto(stage.slack.url)


async def type_status(page: Page) -> str:
    """Type ``/dd0c status`` into the box and read the newest answer, which is for this person only."""
    answers = page.locator(".ephemeral")
    before = await answers.count()
    await page.fill("#line", "/dd0c status")
    await page.press("#line", "Enter")
    await expect(answers).to_have_count(before + 1, timeout=PATIENCE_MS)
    await expect(answers.last).to_contain_text("Only visible to you")
    return await answers.last.inner_text()


def running_cost(status: str) -> float:
    found = RUNNING.search(status)
    assert found, status
    return float(found[1].replace(",", ""))


async def running_cost_above(page: Page, cost: float) -> None:
    async with asyncio.timeout(PATIENCE_MS / 1000):
        seen = running_cost(await type_status(page))
        while seen <= cost:
            await asyncio.sleep(0.5)
            seen = running_cost(await type_status(page))


async def snooze(page: Page, card: Locator) -> None:
    """Choose an hour, read what that would have hidden, and press the form's button."""
    await card.locator('[data-action-id="anomaly.snooze"]').click()
    await page.get_by_role("option", name="1 hour").click()
    form = page.locator("[data-view-id]")
    await expect(form).to_contain_text("In the last 30 days", timeout=PATIENCE_MS)
    await form.get_by_role("button", name="Snooze").click()


async def make_ticket(stage: Stage, page: Page, card: Locator) -> None:
    """Create a ticket by the card's menu, and read it where the page leads."""
    await connect_tracker(stage)
    await card.locator('[data-action-id="anomaly.more"]').click()
    await page.get_by_role("option", name="Create ticket").click()
    await expect(card).to_contain_text("acme/infra#1", timeout=PATIENCE_MS)
    async with page.expect_popup() as opened:
        await page.locator("#links").get_by_role("link", name="acme/infra#1").click()
    ticket = await opened.value
    await expect(ticket.locator("pre")).to_contain_text("aws ec2 stop-instances")
    await ticket.close()


async def test_a_visitor_answers_cards_and_the_bot_learns() -> None:
    async with Stage(installable=True) as stage, open_page(stage) as page:
        await install(stage, page)
        story = Story(stage, lambda _text: None)
        await story.connect()
        slip, _ = await story.typo()
        card = shown(page, slip)
        await expect(card).to_contain_text(f"{aws_world.TYPO_COUNT} \N{MULTIPLICATION SIGN} {aws_world.TYPO_TYPE}")
        await expect(card).to_contain_text("Why this alert")

        await card.get_by_role("button", name="Mark expected").click()
        await expect(card).to_contain_text("@maria marked this expected", timeout=PATIENCE_MS)
        await expect(card.get_by_role("button", name="Mark expected")).to_have_count(0)
        await expect(card.locator(".edited")).to_have_text("(edited)")

        before = running_cost(await type_status(page))
        stage.happen(aws_world.same_launch_again(stage.now()))
        await running_cost_above(page, before)

        stolen, _ = await story.leaked_key()
        assert stage.cards() == [slip, stolen]  # Had the launch again raised one, it would stand between them.
        await page.locator("#people").get_by_text("Sam Okafor").click()
        other = shown(page, stolen)
        await expect(other).to_contain_text("backup-uploader")
        await snooze(page, other)
        await expect(other).to_contain_text("@sam snoozed this", timeout=PATIENCE_MS)
        await other.get_by_role("button", name="Undo").click()
        await expect(other).not_to_contain_text("snoozed this", timeout=PATIENCE_MS)
        await expect(other.get_by_role("button", name="Acknowledge")).to_be_visible()
        assert len(stage.cards()) == 2

        await make_ticket(stage, page, other)

        await other.locator('[data-action-id="anomaly.more"]').click()
        await page.get_by_role("option", name="Show details").click()
        modal = page.locator("[data-view-id]")
        await expect(modal).to_contain_text("CloudTrail records", timeout=PATIENCE_MS)
        await modal.locator('[data-modal="close"]').click()
        await expect(modal).to_have_count(0)

        await page.fill("#line", "/dd0c digest")
        await page.press("#line", "Enter")
        digest = page.locator(".ephemeral").last
        await expect(digest).to_contain_text("Cost digest", timeout=PATIENCE_MS)
        await expect(digest.locator(".chart-row")).to_have_count(8)
        await expect(digest).to_contain_text("Burnt by anomalies: $")

        await page.locator("[data-app-remove]").click()
        await expect(page.locator(".removed")).to_contain_text("was removed")
        # That its data is being deleted stands there for a moment only; that it is gone stays.
        async with asyncio.timeout(2 * PATIENCE_MS / 1000):
            while "No AWS account is connected" not in await type_status(page):  # noqa: ASYNC110 - only the page tells
                await asyncio.sleep(0.5)
