"""The page's own endpoints, and bodies that are not what they should be."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from demo.slack_workspace import SlackWorkspace


@pytest.fixture
async def workspace() -> AsyncIterator[SlackWorkspace]:
    async with SlackWorkspace() as running:
        running.add_user("maria")
        running.add_channel("costs")
        yield running


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/_demo/type", {"user": "U404"}, 400),
        ("/_demo/act", {"user": "U404", "channel": "costs", "message_ts": "1", "action_id": "a"}, 400),
        ("/_demo/type", [], 400),
        ("/_demo/nothing", {}, 404),
    ],
)
async def test_the_page_says_why_it_refuses(workspace: SlackWorkspace, path: str, body: object, status: int) -> None:
    async with aiohttp.ClientSession() as session, session.post(workspace.url + path, json=body) as answer:
        assert answer.status == status


async def test_the_page_takes_json_only_and_allows_no_foreign_script(workspace: SlackWorkspace) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.post(workspace.url + "/_demo/type", data={"text": "x"}) as answer:
            assert answer.status == 415
        async with session.get(workspace.url) as answer:
            assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        async with session.get(workspace.url + "/static/..%2fpage.py") as answer:
            assert answer.status == 404


async def test_typed_lines_are_commands_invitations_or_words(workspace: SlackWorkspace) -> None:
    (maria,) = (user.user_id for user in workspace.state.users.values() if user.name == "maria")
    workspace.remove_bot("costs")
    await workspace.type_line(maria, "costs", "/invite @dd0c")
    await workspace.type_line(maria, "costs", "/nonsense <b>")
    await workspace.type_line(maria, "costs", "hello")
    assert workspace.bot_user_id in workspace.state.channel("costs").members
    assert [message.text for message in workspace.ephemerals(maria)] == ["/nonsense is not a valid command here."]
    assert [message.text for message in workspace.messages("costs")] == ["hello"]


@pytest.mark.parametrize("body", [b"\xff", b"[1]", b"{"])
async def test_broken_bodies_are_refused_not_crashed_on(workspace: SlackWorkspace, body: bytes) -> None:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {workspace.bot_token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(workspace.api_url + "chat.postMessage", data=body, headers=headers) as answer,
    ):
        assert (await answer.json())["error"] in ("invalid_json", "json_not_object")
