"""The page of the simulated workspace in a real browser: see a card, confirm a click, watch it repaint."""

import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Page, async_playwright, expect
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from demo.slack_workspace import SlackWorkspace

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine's PATH"),
]


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


CARD: list[dict[str, Any]] = [
    {"type": "header", "text": plain(":warning: 4 p4d.24xlarge started")},
    {
        "type": "section",
        "text": {"type": "mrkdwn", "text": "*$131.07 per hour* by `&lt;img src=x onerror=alert(1)&gt;` <b>raw</b>"},
    },
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": "stop",
                "text": plain("Not expected"),
                "style": "danger",
                "confirm": {
                    "title": plain("Really?"),
                    "text": plain("The owner will be told."),
                    "confirm": plain("Yes"),
                    "deny": plain("No"),
                },
            }
        ],
    },
]
MODAL = {
    "type": "modal",
    "title": plain("Why?"),
    "submit": plain("Save"),
    "blocks": [
        {
            "type": "input",
            "block_id": "reason",
            "label": plain("Reason"),
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}


@pytest.fixture
async def workspace() -> AsyncIterator[SlackWorkspace]:
    async with SlackWorkspace() as running:
        running.add_user("maria", real_name="Maria Silva")
        running.add_channel("costs")
        yield running


@pytest.fixture
async def bot(workspace: SlackWorkspace) -> AsyncIterator[AsyncWebClient]:
    client = AsyncWebClient(token=workspace.bot_token, base_url=workspace.api_url)
    app = AsyncApp(client=client, signing_secret=workspace.signing_secret)

    async def stop(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        done = {"type": "section", "text": {"type": "mrkdwn", "text": f"Told by <@{body['user']['id']}>"}}
        await client.chat_update(
            channel=body["channel"]["id"], ts=body["container"]["message_ts"], text="told", blocks=[done]
        )

    async def ask(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    app.action("stop")(stop)
    app.command("/dd0c")(ask)

    async def dispatch(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    server = web.Application()
    server.router.add_post("/v1/slack/{kind}", dispatch)
    runner = web.AppRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    workspace.connect_app(f"http://127.0.0.1:{runner.addresses[0][1]}")
    yield client
    await runner.cleanup()


@pytest.fixture
async def page(workspace: SlackWorkspace) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        tab = await browser.new_page()
        troubles: list[str] = []
        tab.on("pageerror", lambda error: troubles.append(str(error)))
        await tab.goto(workspace.url)
        yield tab
        await browser.close()
    assert troubles == []


async def test_a_confirmed_click_repaints_the_card(workspace: SlackWorkspace, bot: AsyncWebClient, page: Page) -> None:
    posted = await bot.chat_postMessage(channel="costs", text="card", blocks=CARD)
    card = page.locator(f'[data-ts="{posted["ts"]}"]')
    await expect(card).to_contain_text("4 p4d.24xlarge started")
    await expect(card.locator("code")).to_have_text("<img src=x onerror=alert(1)>")
    assert await card.locator("img").count() == 0
    await card.locator('[data-action-id="stop"]').click()
    await page.locator('[data-confirm="deny"]').click()
    assert workspace.calls_to("chat.update") == []
    await card.locator('[data-action-id="stop"]').click()
    await expect(page.locator('[data-dialog="confirm"]')).to_contain_text("The owner will be told.")
    await page.locator('[data-confirm="confirm"]').click()
    await expect(card).to_contain_text("Told by @maria")
    await expect(card.locator(".edited")).to_have_text("(edited)")


async def test_a_command_opens_a_modal_that_can_be_submitted(
    workspace: SlackWorkspace, bot: AsyncWebClient, page: Page
) -> None:
    await bot.chat_postMessage(channel="costs", text="ready")
    await expect(page.locator("[data-ts]")).to_have_count(1)
    await page.fill("#line", "/dd0c why")
    await page.press("#line", "Enter")
    modal = page.locator("[data-view-id]")
    await modal.locator('[data-modal="submit"]').click()
    await expect(modal.locator('[data-error-for="reason"]')).to_have_text("Please complete this required field.")
    await modal.locator('[data-modal="close"]').click()
    await expect(modal).to_have_count(0)
    assert not any(view.is_open for view in workspace.views.values())


async def test_charts_and_tables_are_drawn(bot: AsyncWebClient, page: Page) -> None:
    points = [{"label": "Mon", "value": 120}, {"label": "Tue", "value": 80.5}]
    chart = {
        "type": "data_visualization",
        "title": "Spend by day",
        "chart": {
            "type": "bar",
            "series": [{"name": "prod", "data": points}],
            "axis_config": {"categories": ["Mon", "Tue"]},
        },
    }
    rows = [[{"type": "raw_text", "text": word} for word in row] for row in (("Service", "USD"), ("EC2", "12"))]
    table = {"type": "data_table", "caption": "Top services", "rows": rows}
    await bot.chat_postMessage(channel="costs", text="digest", blocks=[chart, table])
    await expect(page.locator(".chart-row")).to_have_text(["Mon120", "Tue80.5"])
    await expect(page.locator("td")).to_have_text(["EC2", "12"])


CUT = """() => [...document.querySelectorAll("#app *")]
    .filter((element) => !element.matches(".hidden, textarea") && element.scrollWidth > element.clientWidth + 1)
    .filter((element) => getComputedStyle(element).display !== "inline")
    .map((element) => `${element.tagName}#${element.id}.${element.className}`)"""
LONG_CARD: list[dict[str, Any]] = [
    {
        "type": "section",
        "text": {"type": "mrkdwn", "text": f"```aws ec2 stop-instances {'i-0a1b2c3d4e5f60718 ' * 9}```"},
    },
    {"type": "section", "fields": [{"type": "mrkdwn", "text": f"*Who*\n{'a' * 90}"}] * 2},
]


@pytest.mark.parametrize("width", [320, 420, 1100])
async def test_nothing_is_cut_off_in_a_narrow_window(bot: AsyncWebClient, page: Page, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 800})
    posted = await bot.chat_postMessage(channel="costs", text="card", blocks=CARD + LONG_CARD)
    await expect(page.locator(f'[data-ts="{posted["ts"]}"]')).to_be_visible()
    assert await page.evaluate(CUT) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
