"""Every command, button of a card and form, given the ids of another workspace: its things are not there."""

import importlib
import json
import pkgutil
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from blocks import routes as route_blocks
from blocks import ticket_settings
from blocks.asking import PERSON, person_modal
from blocks.card import Block
from blocks.expected_modal import expected_modal
from blocks.snooze_modal import SnoozeForm, snooze_modal
from demo.slack_workspace import SlackWorkspace
from demo.slack_workspace.models import Message
from demo.slack_workspace.views import new_view
from engine.hiding import Hidden
from engine.models.routing import RoutesReport
from handlers import slack
from handlers.slack.commands.table import COMMANDS
from tests.handlers.conftest import Office
from tests.handlers.test_two_workspaces import open_second
from tests.security.test_two_tenants import contents
from tests.services.world import ACCOUNT, TENANT

# What these say is about the workspace itself.
NAME_NOTHING = {ticket_settings.CALLBACK}


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


async def test_no_form_that_names_another_s_things_reaches_across(office: Office) -> None:
    """Opened where they are there, and sent from elsewhere with all that they remember."""
    anomaly = await office.alert()
    card, now = office.card(), office.world.clock()
    own = json.dumps(await office.type(f"/dd0c explain {anomaly.anomaly_id}"))
    accounts = ((ACCOUNT, "production"),)
    report = RoutesReport(alert_channel_id=office.channel, installer_user_id="", alert_budget=0, accounts=accounts)
    snoozed = SnoozeForm(office.channel, card.message_ts, "4h", anomaly.anomaly_id)
    forms: list[tuple[Block, dict[str, Any]]] = [
        (snooze_modal(anomaly, Hidden(0, 0.0), snoozed), {}),
        (expected_modal(anomaly, now, office.channel), {}),
        (person_modal(anomaly.anomaly_id, office.channel, card.message_ts), {PERSON: office.bob.user_id}),
        (route_blocks.routes_form(report, office.channel), {route_blocks.ACCOUNT: ACCOUNT}),
    ]
    assert {form["callback_id"] for form, _ in forms} == callbacks() - NAME_NOTHING
    marks = [one for one in (anomaly.actor.name, *(one.resource_id for one in anomaly.resources)) if one in own]
    assert marks
    before = await contents(office.world.store, TENANT)
    async with SlackWorkspace(signing_secret=office.slack.signing_secret) as other:
        user_id, _ = await open_second(office, other)
        heard = len(office.slack.ephemerals(user_id))
        for number, (form, values) in enumerate(forms, start=heard + 1):
            view = new_view(other.state, user_id, form)
            sent = await other.submit_view(user_id, view.view_id, values)
            assert (sent.ack.status, sent.errors) == (200, {}), form["callback_id"]
            answer = await said_to(office, user_id, number)
            assert not [one for one in marks if one in f"{answer.text}{answer.blocks}"], form["callback_id"]
            assert await contents(office.world.store, TENANT) == before, form["callback_id"]


async def said_to(office: Office, user_id: str, number: int) -> Message:
    """Wait for what only this person is told, and that there is so much of it."""
    await office.until(lambda: len(office.slack.ephemerals(user_id)) >= number)
    return office.slack.ephemerals(user_id)[number - 1]


def callbacks() -> set[str]:
    """Every form whose button we listen to."""
    modules = [importlib.import_module(one.name) for one in pkgutil.iter_modules(slack.__path__, "handlers.slack.")]
    return {module.CALLBACK for module in modules if hasattr(module, "CALLBACK")}


def elements(blocks: list[Block]) -> list[dict[str, Any]]:
    """All that can be clicked or chosen."""
    within = [one for block in blocks for one in (*block.get("elements", ()), block.get("accessory"))]
    return [one for one in within if isinstance(one, dict) and "action_id" in one]
