"""*Show details* on a card: a modal opens at once, and shows all that is known as soon as it is read."""

from collections.abc import Mapping
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from blocks.anomaly_actions import anomaly_id_of
from blocks.details_modal import RECORDS_SHOWN, TITLE, details_modal
from blocks.form_modal import loading_form, said_form
from engine.errors import InputError
from engine.roles import Deed
from handlers.slack.context import Respond, SlackServices, caller_of_action
from handlers.slack.guard import answered
from handlers.slack.leftovers import require_connected
from handlers.slack.opening import update_modal


async def show_details(
    services: SlackServices, body: Mapping[str, Any], action: Mapping[str, Any], client: AsyncWebClient
) -> None:
    """Open the modal before anything is looked up: Slack lets it be opened for three seconds after the click only."""
    try:
        opened = await client.views_open(trigger_id=str(body.get("trigger_id", "")), view=loading_form(TITLE))
    except SlackApiError as error:
        raise InputError("Slack did not open the details in time. Choose Show details once more.") from error
    view_id = str(opened["view"]["id"])
    anomaly_id = anomaly_id_of(str(action.get("block_id", "")))
    await answered(_fill(services, body, anomaly_id, client, view_id), _sayer(client, view_id), "showing details")


async def _fill(
    services: SlackServices, body: Mapping[str, Any], anomaly_id: str, client: AsyncWebClient, view_id: str
) -> None:
    caller = await caller_of_action(body, services, Deed.LOOK)
    await require_connected(services, caller.tenant_id, anomaly_id, client, body)
    told = await services.findings.explain(caller.tenant_id, anomaly_id)
    records = await services.findings.find_records(caller.tenant_id, told.anomaly, RECORDS_SHOWN)
    await update_modal(client, view_id, details_modal(told, records))


def _sayer(client: AsyncWebClient, view_id: str) -> Respond:
    """What went wrong stands where the details were to be."""

    async def say(*, text: str, **_form: Any) -> Any:
        return await update_modal(client, view_id, said_form(text, TITLE))

    return say
