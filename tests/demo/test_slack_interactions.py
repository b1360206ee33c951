"""People act in the simulated workspace; a real bolt app checks the signatures and answers."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from demo.slack_workspace import NoSuchElementError, SlackWorkspace
from tests.demo.slack_bot import CARD, MODAL, Bot


class Clock:
    now = 1_732_160_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def workspace(clock: Clock) -> AsyncIterator[SlackWorkspace]:
    async with SlackWorkspace(clock=clock, ack_seconds=1.0, event_retry_delays=(0, 0, 0)) as running:
        running.add_user("maria")
        running.add_user("jonas")
        running.add_channel("costs")
        yield running


@pytest.fixture
async def bot(workspace: SlackWorkspace) -> AsyncIterator[Bot]:
    bot = Bot(workspace)
    app = web.Application()
    app.router.add_post("/v1/slack/commands", bot.dispatch)
    app.router.add_post("/v1/slack/actions", bot.dispatch)
    app.router.add_post("/v1/slack/events", bot.event)
    app.router.add_post("/slow", bot.sleep)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    workspace.connect_app(f"http://127.0.0.1:{runner.addresses[0][1]}")
    yield bot
    await runner.cleanup()


def person(workspace: SlackWorkspace, name: str) -> str:
    return next(user.user_id for user in workspace.state.users.values() if user.name == name)


async def post_card(workspace: SlackWorkspace) -> str:
    client = AsyncWebClient(token=workspace.bot_token, base_url=workspace.api_url)
    message_ts: str = (await client.chat_postMessage(channel="costs", text="card", blocks=CARD))["ts"]
    return message_ts


async def test_a_command_is_signed_and_answered_to_one_person(workspace: SlackWorkspace, bot: Bot) -> None:
    maria = person(workspace, "maria")
    done = await workspace.run_command(maria, "costs", "/dd0c status now")
    assert (done.ack.status, done.error) == (200, None)
    assert bot.heard[0]["command"] == "/dd0c"
    assert bot.heard[0]["channel_name"] == "costs"
    assert [message.text for message in workspace.ephemerals(maria)] == ["you said status now"]
    assert workspace.ephemerals(person(workspace, "jonas")) == []


async def test_a_wrong_signing_secret_is_refused_by_bolt(workspace: SlackWorkspace, bot: Bot) -> None:
    async with SlackWorkspace(signing_secret="another") as impostor:
        maria = impostor.add_user("maria").user_id
        impostor.add_channel("costs")
        impostor.connect_app(commands_url=workspace.app_urls.commands)
        done = await impostor.run_command(maria, "costs", "/dd0c status")
    assert done.ack.status == 401
    assert done.error == '/dd0c failed with the error "dispatch_failed"'
    assert bot.heard == []


async def test_a_click_has_slacks_shape_and_a_response_url(workspace: SlackWorkspace, bot: Bot) -> None:
    maria, message_ts = person(workspace, "maria"), await post_card(workspace)
    done = await workspace.click(maria, "costs", message_ts, "expected", "a1")
    await done.wait_for_posts()
    body = bot.heard[0]
    assert body["type"] == "block_actions"
    assert body["container"] == {
        "type": "message",
        "message_ts": message_ts,
        "channel_id": body["channel"]["id"],
        "is_ephemeral": False,
    }
    assert body["actions"][0]["value"] == "a1"
    assert body["user"]["team_id"] == workspace.team_id
    (message,) = workspace.messages("costs")
    assert (message.text, message.blocks) == ("noted", [])


async def test_a_choice_is_in_the_action_and_in_the_state(workspace: SlackWorkspace, bot: Bot) -> None:
    message_ts = await post_card(workspace)
    await workspace.select(person(workspace, "maria"), "costs", message_ts, "snooze", "1d")
    body = bot.heard[0]
    assert body["actions"][0]["selected_option"]["value"] == "1d"
    assert body["state"]["values"]["buttons"]["snooze"]["selected_option"]["value"] == "1d"


@pytest.mark.parametrize(("action_id", "value"), [("missing", None), ("expected", "a2"), ("snooze", "1y")])
async def test_what_is_not_on_the_screen_cannot_be_used(
    workspace: SlackWorkspace, bot: Bot, action_id: str, value: str | None
) -> None:
    message_ts = await post_card(workspace)
    with pytest.raises(NoSuchElementError):
        await workspace.click(person(workspace, "maria"), "costs", message_ts, action_id, value)
    assert bot.heard == []


async def test_a_modal_is_opened_corrected_and_submitted(workspace: SlackWorkspace, bot: Bot) -> None:
    maria, message_ts = person(workspace, "maria"), await post_card(workspace)
    await workspace.click(maria, "costs", message_ts, "ask")
    async with asyncio.timeout(30):
        while (modal := workspace.modal(maria)) is None:
            await workspace.wait_for_change(workspace.state.revision)
    assert (await workspace.submit_view(maria, modal.view_id)).errors == {
        "reason": "Please complete this required field."
    }
    assert (await workspace.submit_view(maria, modal.view_id, {"text": "no"})).errors == {"reason": "too short"}
    assert (await workspace.submit_view(maria, modal.view_id, {"text": "planned"})).errors == {}
    assert workspace.modal(maria) is None
    assert len(bot.heard) == 1


async def test_a_trigger_is_good_once_and_for_three_seconds(workspace: SlackWorkspace, bot: Bot, clock: Clock) -> None:
    client = AsyncWebClient(token=workspace.bot_token, base_url=workspace.api_url)
    maria = person(workspace, "maria")
    await workspace.run_command(maria, "costs", "/dd0c a")
    await workspace.run_command(maria, "costs", "/dd0c b")
    first, second = (body["trigger_id"] for body in bot.heard)
    await client.views_open(trigger_id=first, view=MODAL)
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await client.views_open(trigger_id=first, view=MODAL)
    clock.now += 3.1
    for trigger_id, error in (
        (first, "expired_trigger_id"),
        (second, "expired_trigger_id"),
        ("1", "invalid_trigger_id"),
    ):
        with pytest.raises(SlackApiError, match=error):
            await client.views_open(trigger_id=trigger_id, view=MODAL)


async def test_a_response_url_dies_after_five_uses_or_thirty_minutes(
    workspace: SlackWorkspace, bot: Bot, clock: Clock
) -> None:
    maria = person(workspace, "maria")
    for _ in range(2):
        await workspace.run_command(maria, "costs", "/dd0c a")
    first, second = (body["response_url"] for body in bot.heard)
    async with aiohttp.ClientSession() as session:

        async def status(url: str) -> int:
            async with session.post(url, json={"text": "x", "response_type": "in_channel"}) as answer:
                return answer.status

        assert [await status(first) for _ in range(6)] == [200] * 5 + [404]
        assert len(workspace.messages("costs")) == 5
        clock.now += 1801
        assert await status(second) == 404


async def test_silence_is_shown_to_the_person(workspace: SlackWorkspace, bot: Bot) -> None:
    maria, message_ts = person(workspace, "maria"), await post_card(workspace)
    base = str(workspace.app_urls.commands).removesuffix("/v1/slack/commands")
    workspace.connect_app(commands_url=f"{base}/slow", actions_url=f"{base}/missing")
    late = await workspace.run_command(maria, "costs", "/dd0c status")
    assert late.error == '/dd0c failed with the error "operation_timeout"'
    refused = await workspace.click(maria, "costs", message_ts, "ask")
    assert refused.error == "dd0c didn't respond"
    assert [message.text for message in workspace.ephemerals(maria)] == [late.error, refused.error]
    assert bot.heard == []


async def test_an_event_is_delivered_again_until_taken(workspace: SlackWorkspace, bot: Bot) -> None:
    bot.event_answers = [500, 503]
    delivery = await workspace.send_event({"type": "app_uninstalled"})
    assert delivery.delivered
    assert [ack.status for ack in delivery.attempts] == [500, 503, 200]
    assert {body["event_id"] for body in bot.heard} == {delivery.event_id}
    assert [headers.get("X-Slack-Retry-Num") for headers in bot.headers] == [None, "1", "2"]
    assert bot.headers[1]["X-Slack-Retry-Reason"] == "http_error"
