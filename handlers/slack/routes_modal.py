"""The form behind ``/dd0c settings route``: which channel takes which cards."""

from collections.abc import Awaitable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from blocks.card import Block
from blocks.form_modal import loading_form, said_form
from blocks.routes import (
    ACCOUNT,
    ANY,
    CALLBACK,
    CHANNEL,
    OPEN,
    REMOVE,
    SEVERITY,
    TITLE,
    routes,
    routes_form,
)
from engine.errors import InputError
from engine.models.anomaly import Severity
from engine.models.routing import Route, RoutesReport
from engine.roles import Deed
from handlers.slack.context import Respond, SlackServices, caller_of_action
from handlers.slack.guard import answered, is_repeated
from handlers.slack.opening import update_modal

_DOING = "changing routes"
ACTIONS = (OPEN, REMOVE)


def register(app: AsyncApp, services: SlackServices) -> None:
    """Listen to the button that opens the form, and to what is in it."""

    async def handle_open(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond) -> None:
        await ack()
        if await is_repeated(services, body):
            return
        await answered(_open(services, body, client), respond, _DOING)

    async def handle_save(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        if await is_repeated(services, body):
            return
        tell = _teller(client, body, str(view.get("private_metadata", "")))
        await answered(_save(services, body, view, tell), tell, _DOING)

    async def handle_remove(
        ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient
    ) -> None:
        await ack()
        if await is_repeated(services, body):
            return
        view = body.get("view") or {}
        work = _remove(services, body, str(action.get("value", "")))
        await _change(work, client, str(view.get("id", "")), str(view.get("private_metadata", "")))

    app.action(OPEN)(handle_open)
    app.action(REMOVE)(handle_remove)
    app.view(CALLBACK)(handle_save)


async def _open(services: SlackServices, body: Mapping[str, Any], client: AsyncWebClient) -> None:
    """Open the form before anything is looked up: Slack lets it be opened for three seconds after the click only."""
    try:
        opened = await client.views_open(trigger_id=str(body.get("trigger_id", "")), view=loading_form(TITLE))
    except SlackApiError as error:
        raise InputError("Slack did not open the form in time. Press the button once more.") from error
    channel_id = str((body.get("channel") or {}).get("id", ""))
    await _change(_read(services, body), client, str(opened["view"]["id"]), channel_id)


async def _change(work: Awaitable[RoutesReport], client: AsyncWebClient, view_id: str, channel_id: str) -> None:
    """Show in the form what came of it; what went wrong stands there as well."""

    async def show() -> None:
        await update_modal(client, view_id, routes_form(await work, channel_id))

    await answered(show(), _sayer(client, view_id), _DOING)


async def _read(services: SlackServices, body: Mapping[str, Any]) -> RoutesReport:
    caller = await caller_of_action(body, services, Deed.CHANGE_SETTINGS)
    return await services.routing.report(caller.tenant_id)


async def _save(services: SlackServices, body: Mapping[str, Any], view: Mapping[str, Any], tell: Respond) -> None:
    """The form is closed by then: were it kept open by the ack, that could come after what it is to show."""
    caller = await caller_of_action(body, services, Deed.CHANGE_SETTINGS)
    values = (view.get("state") or {}).get("values") or {}
    case = f"{_option(values, ACCOUNT)} {_option(values, SEVERITY)}"
    channel_id = str(_field(values, CHANNEL).get("selected_conversation") or "")
    report = await services.routing.choose(caller.tenant_id, caller.user_id, parse_case(case, channel_id))
    await services.resending.hasten(caller.tenant_id)
    card = routes(report)
    await tell(text=card.text, blocks=card.blocks)


async def _remove(services: SlackServices, body: Mapping[str, Any], value: str) -> RoutesReport:
    caller = await caller_of_action(body, services, Deed.CHANGE_SETTINGS)
    return await services.routing.remove(caller.tenant_id, caller.user_id, parse_case(value, ""))


def parse_case(value: str, channel_id: str) -> Route:
    """Read which cards are meant, as ``blocks.routes.route_value`` writes it. Raises InputError for anything else."""
    account_id, _, severity = value.partition(" ")
    try:
        named = None if severity == ANY else Severity(severity)
    except ValueError:
        raise InputError("This form is of an older kind. Open it again.") from None
    return Route(channel_id=channel_id, account_id="" if account_id == ANY else account_id, severity=named)


def _field(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (values.get(name) or {}).get(name) or {}
    return found


def _option(values: Mapping[str, Any], name: str) -> str:
    return str((_field(values, name).get("selected_option") or {}).get("value") or ANY)


def _teller(client: AsyncWebClient, body: Mapping[str, Any], channel_id: str) -> Respond:
    """Tell who filled the form in, in the channel where it was opened, or by direct message where it was in none."""
    user_id = str((body.get("user") or {}).get("id", ""))

    async def tell(*, text: str, blocks: list[Block] | None = None, **_place: Any) -> Any:
        if channel_id:
            return await client.chat_postEphemeral(channel=channel_id, user=user_id, text=text, blocks=blocks)
        return await client.chat_postMessage(channel=user_id, text=text, blocks=blocks)

    return tell


def _sayer(client: AsyncWebClient, view_id: str) -> Respond:
    async def say(*, text: str, **_form: Any) -> Any:
        return await update_modal(client, view_id, said_form(text, TITLE))

    return say
