"""Two workspaces whose channels and people have the same ids, and deliveries that Slack repeats."""

import json
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from demo.slack_workspace import SlackWorkspace
from demo.slack_workspace.payloads import event_envelope
from demo.slack_workspace.signing import FORM, JSON
from engine.models.account import Tenant
from engine.models.anomaly import AnomalyStatus
from tests.handlers.conftest import Office
from tests.handlers.test_routes import signed
from tests.services.world import TENANT

OTHER = "tenant-2"


async def open_second(office: Office, other: SlackWorkspace) -> tuple[str, str]:
    """A second customer in a workspace of its own; gives its person and channel, who are called as the first's are."""
    other.state.team_id = "T0SECOND01"
    ann = other.add_user("ann")
    other.add_user("bob")
    channel = other.add_channel("costs")
    assert (ann.user_id, channel.channel_id) == (office.ann.user_id, office.channel)
    other.connect_app(office.url)
    await office.world.store.tenants.save_tenant(
        Tenant(tenant_id=OTHER, team_id=other.team_id, team_name="second", alert_channel_id=channel.channel_id)
    )
    return ann.user_id, channel.channel_id


async def test_a_card_of_another_workspace_with_the_same_ids_is_not_found(office: Office) -> None:
    anomaly = await office.alert()
    card = office.card()
    async with SlackWorkspace(signing_secret=office.slack.signing_secret) as other:
        user_id, channel_id = await open_second(office, other)
        client = AsyncWebClient(token=other.bot_token, base_url=other.api_url, retry_handlers=[])
        copied = await client.chat_postMessage(channel=channel_id, text="copied", blocks=card.blocks)
        calls = len(office.slack.calls)
        clicked = await other.click(user_id, channel_id, str(copied["ts"]), "anomaly.acknowledge")
        [answer] = await clicked.wait_for_posts()
    assert answer["response_type"] == "ephemeral"
    assert len(office.slack.calls) == calls
    kept = await office.world.store.anomalies.find_anomaly(TENANT, anomaly.anomaly_id)
    assert kept.status is AnomalyStatus.OPEN


async def test_commands_of_two_workspaces_are_answered_from_their_own(office: Office) -> None:
    await office.alert()
    async with SlackWorkspace(signing_secret=office.slack.signing_secret) as other:
        user_id, channel_id = await open_second(office, other)
        asked = await other.run_command(user_id, channel_id, "/dd0c anomalies")
        [theirs] = await asked.wait_for_posts()
    ours = await office.type("/dd0c anomalies")
    assert "No anomalies" in theirs["text"]
    assert "No anomalies" not in ours["text"]


@pytest.mark.parametrize("reason", ["http_timeout", "http_error"])
async def test_what_slack_delivers_again_has_the_effect_of_one(office: Office, reason: str) -> None:
    """The bot hears four times that it was uninstalled, and leaves once."""
    envelope = event_envelope(office.slack.state, {"type": "app_uninstalled"})
    body = json.dumps(envelope).encode()
    statuses = []
    for number in range(4):
        retry = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason} if number else {}
        statuses.append(await post(office, "/v1/slack/events", body, {"Content-Type": JSON, **retry}))
    assert statuses == [200] * 4
    assert (await office.world.store.tenants.find_tenant(TENANT)).leaving
    assert office.slack.calls_to("chat.postMessage") == []


async def test_a_click_that_is_delivered_again_changes_nothing_more(office: Office) -> None:
    anomaly = await office.alert()
    card = office.card()
    first = await office.click(office.ann, "acknowledge")
    assert first is not None
    await office.until(lambda: "acknowledged this" in str(office.card().blocks))
    edits = len(office.slack.calls_to("chat.update"))
    body = urlencode({"payload": json.dumps(click_again(office, card.blocks, card.message_ts))}).encode()
    status = await post(office, "/v1/slack/actions", body, {"Content-Type": FORM, "X-Slack-Retry-Num": "1"})
    assert status == 200
    await office.type("/dd0c help")  # By then the click, which came before, is done with.
    assert len(office.slack.calls_to("chat.update")) == edits
    verdicts = await office.world.store.anomalies.find_verdicts(TENANT, anomaly.anomaly_id)
    assert len(verdicts) == 1


def click_again(office: Office, blocks: list[dict[str, Any]], message_ts: str) -> dict[str, Any]:
    """The same click as Slack would send it once more."""
    actions = next(block for block in blocks if block["type"] == "actions")
    return {
        "type": "block_actions",
        "team": {"id": office.slack.team_id},
        "user": {"id": office.ann.user_id, "team_id": office.slack.team_id},
        "channel": {"id": office.channel},
        "container": {"type": "message", "message_ts": message_ts, "channel_id": office.channel},
        "message": {"ts": message_ts, "team": office.slack.team_id},
        "actions": [{"action_id": "anomaly.acknowledge", "block_id": actions["block_id"], "type": "button"}],
    }


async def post(office: Office, path: str, body: bytes, headers: dict[str, str]) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.post(office.url + path, data=body, headers={**signed(office, body), **headers}) as answer,
    ):
        return answer.status
