"""Every command and every button of a card, given the ids of another workspace: its things are not there."""

import json
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from blocks.card import Block
from demo.slack_workspace import SlackWorkspace
from handlers.slack.commands.table import COMMANDS
from tests.handlers.conftest import Office
from tests.handlers.test_two_workspaces import open_second
from tests.security.test_two_tenants import contents
from tests.services.world import ACCOUNT, TENANT


def lines(anomaly_id: str) -> list[str]:
    """Each command with each id that there is in each place."""
    words = [
        ACCOUNT,
        f"{ACCOUNT} {ACCOUNT}",
        anomaly_id,
        f"--account {ACCOUNT}",
        f"sensitivity low --account {ACCOUNT}",
    ]
    words += [f"budget {ACCOUNT} $5", f"keep {anomaly_id}", f"m5.large --account {ACCOUNT} --for 2h --max 3"]
    return [f"/dd0c {name} {word}" for name in COMMANDS for word in words]


async def test_no_command_reaches_across(office: Office) -> None:
    anomaly = await office.alert()
    own = json.dumps(await office.type(f"/dd0c explain {anomaly.anomaly_id}"))
    marks = [
        one
        for one in ("production", anomaly.actor.name, *(resource.resource_id for resource in anomaly.resources))
        if one in own
    ]
    assert marks
    before = await contents(office.world.store, TENANT)
    async with SlackWorkspace(signing_secret=office.slack.signing_secret) as other:
        user_id, channel_id = await open_second(office, other)
        for line in lines(anomaly.anomaly_id):
            asked = await other.run_command(user_id, channel_id, line)
            [answer] = await asked.wait_for_posts()
            told = json.dumps(answer)
            assert not [mark for mark in marks if mark in told], line
            assert await contents(office.world.store, TENANT) == before, line


async def test_no_button_of_a_copied_card_reaches_across(office: Office) -> None:
    await office.alert()
    card = office.card()
    before = await contents(office.world.store, TENANT)
    async with SlackWorkspace(signing_secret=office.slack.signing_secret) as other:
        user_id, channel_id = await open_second(office, other)
        client = AsyncWebClient(token=other.bot_token, base_url=other.api_url, retry_handlers=[])
        found = elements(card.blocks)
        assert len(found) >= 5
        for element in found:
            copied = await client.chat_postMessage(channel=channel_id, text="copied", blocks=card.blocks)
            value = element["options"][0]["value"] if "options" in element else None
            clicked = await other.click(user_id, channel_id, str(copied["ts"]), element["action_id"], value)
            [answer] = await clicked.wait_for_posts()
            assert answer["response_type"] == "ephemeral", element["action_id"]
            assert other.modal(user_id) is None
            assert await contents(office.world.store, TENANT) == before, element["action_id"]


def elements(blocks: list[Block]) -> list[dict[str, Any]]:
    """All that can be clicked or chosen."""
    within = [one for block in blocks for one in (*block.get("elements", ()), block.get("accessory"))]
    return [one for one in within if isinstance(one, dict) and "action_id" in one]
