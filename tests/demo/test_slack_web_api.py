"""The simulated Web API, spoken to by the real slack_sdk client."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from demo.slack_workspace import SlackWorkspace

DIVIDER = {"type": "divider"}


class Clock:
    def __init__(self) -> None:
        self.now = 1_732_160_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def workspace(clock: Clock) -> AsyncIterator[SlackWorkspace]:
    async with SlackWorkspace(clock=clock) as running:
        running.add_user("maria", real_name="Maria Silva", email="maria@example.com")
        running.add_channel("costs")
        yield running


@pytest.fixture
def client(workspace: SlackWorkspace) -> AsyncWebClient:
    return AsyncWebClient(token=workspace.bot_token, base_url=workspace.api_url, retry_handlers=[])


async def refusal(call: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        await call
    answer: dict[str, Any] = caught.value.response.data
    return answer


async def test_a_card_is_posted_updated_and_remembered(workspace: SlackWorkspace, client: AsyncWebClient) -> None:
    metadata = {"event_type": "card", "event_payload": {"id": "a1"}}
    posted = await client.chat_postMessage(channel="costs", text="one", blocks=[DIVIDER], metadata=metadata)
    assert posted["ts"] == "1732160000.000100"
    await client.chat_update(channel=posted["channel"], ts=posted["ts"], text="two")
    (message,) = workspace.messages("costs")
    assert (message.text, message.history[0].text) == ("two", "one")
    assert message.edited_ts is not None
    assert [block["type"] for block in message.blocks] == ["divider"], "blocks that are left out are kept"
    assert message.metadata == metadata
    assert [call.method for call in workspace.calls] == ["chat.postMessage", "chat.update"]
    assert workspace.calls[0].params["metadata"] == metadata


async def test_replies_hang_on_their_message_and_timestamps_increase(
    workspace: SlackWorkspace, client: AsyncWebClient
) -> None:
    root = await client.chat_postMessage(channel="costs", text="root")
    reply = await client.chat_postMessage(channel="costs", text="reply", thread_ts=root["ts"])
    (message,) = workspace.messages("costs")
    assert [each.text for each in message.replies] == ["reply"]
    assert reply["ts"] > root["ts"]
    lost = await refusal(client.chat_postMessage(channel="costs", text="x", thread_ts="1.000001"))
    assert lost["error"] == "thread_not_found"


async def test_broken_blocks_are_refused_with_their_place(client: AsyncWebClient) -> None:
    header = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
    answer = await refusal(client.chat_postMessage(channel="costs", text="x", blocks=[header]))
    assert answer["error"] == "invalid_blocks"
    line = "must be less than 151 characters [json-pointer:/blocks/0/text/text]"
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {line}"]
    sections = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}] * 5
    assert (await refusal(client.chat_postMessage(channel="costs", text="x", blocks=sections)))["error"] == (
        "msg_blocks_too_long"
    )


@pytest.mark.parametrize(
    ("method", "params", "error"),
    [
        ("chat.postMessage", {"channel": "costs"}, "no_text"),
        ("chat.postMessage", {"channel": "C404", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "costs", "text": "x" * 40_001}, "msg_too_long"),
        ("chat.postMessage", {"channel": "costs", "blocks": "[{"}, "invalid_blocks_format"),
        ("chat.postMessage", {"channel": "costs", "text": "x", "metadata": "{}}"}, "invalid_metadata_format"),
        ("chat.postMessage", {"channel": "old", "text": "x"}, "is_archived"),
        ("chat.postMessage", {"channel": "closed", "text": "x"}, "channel_not_found"),
        ("chat.update", {"channel": "costs", "ts": "1.0", "text": "x"}, "message_not_found"),
        ("chat.postEphemeral", {"channel": "costs", "user": "U404", "text": "x"}, "user_not_found"),
        ("conversations.history", {"channel": "costs"}, "missing_scope"),
        ("users.lookupByEmail", {"email": "nobody@example.com"}, "users_not_found"),
        ("users.info", {"user": "U404"}, "user_not_found"),
        ("chat.postmessage", {}, "unknown_method"),
        ("views.open", {"trigger_id": "1", "view": "{}"}, "invalid_arguments"),
    ],
)
async def test_each_mistake_has_slacks_own_error(
    workspace: SlackWorkspace, client: AsyncWebClient, method: str, params: dict[str, str], error: str
) -> None:
    workspace.add_channel("old")
    workspace.archive_channel("old")
    workspace.add_channel("closed", is_private=True, with_bot=False)
    assert (await refusal(client.api_call(method, data=params)))["error"] == error


async def test_the_bot_must_be_a_member_or_have_the_public_scope(
    workspace: SlackWorkspace, client: AsyncWebClient
) -> None:
    workspace.add_channel("other", with_bot=False)
    assert (await client.chat_postMessage(channel="other", text="x"))["ok"]
    workspace.set_scopes(["chat:write"])
    assert (await refusal(client.chat_postMessage(channel="other", text="x")))["error"] == "not_in_channel"
    workspace.invite_bot("other")
    assert (await client.chat_postMessage(channel="other", text="x"))["ok"]


async def test_only_its_own_messages_can_be_changed(workspace: SlackWorkspace, client: AsyncWebClient) -> None:
    (maria,) = (user for user in workspace.state.users.values() if user.name == "maria")
    said = workspace.say(maria.user_id, "costs", "a <b> & c")
    assert said.text == "a &lt;b&gt; &amp; c"
    answer = await refusal(client.chat_update(channel=said.channel_id, ts=said.message_ts, text="x"))
    assert answer["error"] == "cant_update_message"


async def test_history_needs_its_scope_and_gives_metadata_on_request(
    workspace: SlackWorkspace, client: AsyncWebClient, clock: Clock
) -> None:
    metadata = {"event_type": "card", "event_payload": {"id": "a1"}}
    for text in ("first", "second", "third"):
        clock.now += 1
        posted = await client.chat_postMessage(channel="costs", text=text, metadata=metadata)
    assert (await refusal(client.conversations_history(channel=posted["channel"])))["needed"] == "channels:history"
    workspace.grant_history(True)
    page = await client.conversations_history(channel=posted["channel"], limit=2, include_all_metadata=True)
    assert [message["text"] for message in page["messages"]] == ["third", "second"]
    assert page["messages"][0]["metadata"] == metadata
    rest = await client.conversations_history(
        channel=posted["channel"], limit=2, cursor=page["response_metadata"]["next_cursor"]
    )
    assert [message["text"] for message in rest["messages"]] == ["first"]
    assert "metadata" not in rest["messages"][0]
    newer = await client.conversations_history(channel=posted["channel"], oldest=rest["messages"][0]["ts"])
    assert [message["text"] for message in newer["messages"]] == ["third", "second"]


async def test_tokens_are_checked(workspace: SlackWorkspace, client: AsyncWebClient) -> None:
    stranger = AsyncWebClient(token="xoxb-other", base_url=workspace.api_url)
    assert (await refusal(stranger.auth_test()))["error"] == "invalid_auth"
    assert (await client.auth_test())["team_id"] == workspace.team_id
    workspace.revoke_token()
    assert (await refusal(client.auth_test()))["error"] == "token_revoked"


async def test_one_message_a_second_and_channel_after_a_burst(
    workspace: SlackWorkspace, client: AsyncWebClient, clock: Clock
) -> None:
    for _ in range(5):
        await client.chat_postMessage(channel="costs", text="x")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="costs", text="x")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "1"
    clock.now += 1
    await client.chat_postMessage(channel="costs", text="x")
    assert len(workspace.messages("costs")) == 6


async def test_failures_come_when_told_to(workspace: SlackWorkspace, client: AsyncWebClient) -> None:
    workspace.fail_next("chat.postMessage", error="fatal_error")
    workspace.fail_next("chat.postMessage", retry_after=7)
    assert (await refusal(client.chat_postMessage(channel="costs", text="x")))["error"] == "fatal_error"
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="costs", text="x")
    assert caught.value.response.headers["Retry-After"] == "7"
    assert workspace.messages("costs") == []
    workspace.fail_next("chat.postMessage", after_effect=True)
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel="costs", text="in doubt")
    assert [message.text for message in workspace.messages("costs")] == ["in doubt"]
    assert [call.status for call in workspace.calls] == [200, 429, 0]


async def test_people_and_places_can_be_looked_up(workspace: SlackWorkspace, client: AsyncWebClient) -> None:
    maria = (await client.users_lookupByEmail(email="Maria@example.com"))["user"]
    assert (await client.users_info(user=maria["id"]))["user"]["profile"]["email"] == "maria@example.com"
    assert [user["name"] for user in (await client.users_list())["members"]] == ["dd0c", "maria"]
    (channel,) = (await client.conversations_list())["channels"]
    assert (channel["name"], channel["is_member"]) == ("costs", True)
    assert maria["id"] in (await client.conversations_members(channel=channel["id"]))["members"]
    assert (await client.conversations_info(channel=channel["id"]))["channel"]["name"] == "costs"
    direct = (await client.conversations_open(users=maria["id"]))["channel"]["id"]
    await client.chat_postMessage(channel=maria["id"], text="hello")
    assert [message.text for message in workspace.messages(direct)] == ["hello"]
    assert (await client.team_info())["team"]["id"] == workspace.team_id


async def test_the_home_tab_guards_against_stale_updates(client: AsyncWebClient) -> None:
    maria = (await client.users_lookupByEmail(email="maria@example.com"))["user"]["id"]
    home = {"type": "home", "blocks": [DIVIDER]}
    first = (await client.views_publish(user_id=maria, view=home))["view"]
    second = (await client.views_publish(user_id=maria, view=home, hash=first["hash"]))["view"]
    assert second["id"] == first["id"]
    stale = await refusal(client.views_publish(user_id=maria, view=home, hash=first["hash"]))
    assert stale["error"] == "hash_conflict"


async def test_an_answer_can_be_held_back_once_its_work_is_done(
    workspace: SlackWorkspace, client: AsyncWebClient
) -> None:
    hold = workspace.hold_next("chat.postMessage")
    posting = asyncio.create_task(client.chat_postMessage(channel="costs", text="held"))
    await hold.arrived.wait()
    assert [message.text for message in workspace.messages("costs")] == ["held"]
    await client.chat_postMessage(channel="costs", text="not held")
    assert not posting.done()
    hold.released.set()
    assert (await posting)["ok"]
