"""Everything a person does, over a connection that the bot opened."""

import json
from collections.abc import AsyncIterator

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.socket_mode import open_socket
from engine.errors import InvalidSetting, Unavailable
from handlers.slack import crowding
from tests.handlers.conftest import Office
from tests.services.world import TENANT


async def connected(office: Office) -> AsyncSocketModeHandler:
    """Open the line and take the bot's HTTP address away."""
    client = AsyncWebClient(base_url=office.slack.api_url, retry_handlers=[])
    handler = await open_socket(office.bolt(), client, office.slack.line.app_token)
    office.slack.connect_app()
    await office.until(lambda: office.slack.line.is_open)
    return handler


@pytest.fixture
async def socket(office: Office) -> AsyncIterator[AsyncSocketModeHandler]:
    handler = await connected(office)
    yield handler
    await handler.close_async()  # type: ignore[no-untyped-call] # Bolt types its handlers in part


@pytest.mark.usefixtures("socket")
async def test_a_command_is_answered(office: Office) -> None:
    assert "/dd0c connect" in json.dumps(await office.type("/dd0c help"))


@pytest.mark.usefixtures("socket")
async def test_a_command_that_is_too_much_is_refused_in_words(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowding, "MOST_AT_WORK", 0)
    answered = await office.slack.run_command(office.ann.user_id, office.channel, "/dd0c help")
    assert "busy: nothing was done" in json.dumps(answered.ack.text)


@pytest.mark.usefixtures("socket")
async def test_a_click_has_its_effect(office: Office) -> None:
    await office.alert()
    interaction = await office.click(office.ann, "acknowledge")
    assert interaction.ack.status == 200
    await office.until(lambda: "acknowledged this" in json.dumps(office.card().blocks))


@pytest.mark.usefixtures("socket")
async def test_uninstalling_is_heard(office: Office) -> None:
    assert all(event.delivered for event in await office.slack.uninstall())
    assert (await office.world.store.tenants.find_tenant(TENANT)).leaving


async def test_a_line_that_was_cut_is_opened_again(office: Office, socket: AsyncSocketModeHandler) -> None:
    await office.slack.line.close()
    await socket.client.connect_to_new_endpoint(force=True)
    await office.until(lambda: office.slack.line.is_open)
    assert "/dd0c connect" in json.dumps(await office.type("/dd0c help"))


async def test_a_refused_token_is_named_and_not_shown(office: Office) -> None:
    client = AsyncWebClient(base_url=office.slack.api_url, retry_handlers=[])
    with pytest.raises(InvalidSetting, match=r"SLACK_APP_TOKEN was refused \(invalid_auth\)") as caught:
        await open_socket(office.bolt(), client, "xapp-wrong-secret")
    assert "wrong-secret" not in str(caught.value)


async def test_with_slack_away(office: Office) -> None:
    client = AsyncWebClient(base_url=office.slack.api_url, retry_handlers=[])
    office.slack.fail_next("apps.connections.open", status=503)
    with pytest.raises(Unavailable):
        await open_socket(office.bolt(), client, office.slack.line.app_token)
