"""Modals that need a look into the database first: Slack lets one be opened for three seconds after the click only."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from blocks.card import Block
from blocks.form_modal import loading_form, said_form
from engine.errors import InputError
from handlers.slack.context import Respond
from handlers.slack.guard import answered

_log = logging.getLogger(__name__)
PATIENCE_SECONDS = 1.0


async def open_modal(
    client: AsyncWebClient, body: Mapping[str, Any], work: Coroutine[Any, Any, Block], wanted: str
) -> None:
    """Open the modal that ``work`` makes; where that takes long, open one that says so, and change it later.

    What ``work`` raises is raised, as long as nothing is open; later it stands in the modal. ``wanted`` is what was
    chosen, as the menu names it. Raises InputError when Slack opens nothing any more.
    """
    making = asyncio.create_task(work)
    try:
        await asyncio.wait({making}, timeout=PATIENCE_SECONDS)
        if making.done():
            await _open(client, body, making.result(), wanted)
            return
        view_id = await _open(client, body, loading_form(), wanted)

        async def show() -> None:
            await update_modal(client, view_id, await making)

        await answered(show(), _sayer(client, view_id), f"opening {wanted}")
    finally:
        making.cancel()


async def update_modal(client: AsyncWebClient, view_id: str, view: Block) -> Any:
    """Change a modal. Who closed it meanwhile does not want to know."""
    try:
        return await client.views_update(view_id=view_id, view=view)
    except SlackApiError as error:
        _log.info("a modal could not be changed: %s", error.response.get("error"))
        return error.response


async def _open(client: AsyncWebClient, body: Mapping[str, Any], view: Block, wanted: str) -> str:
    try:
        opened = await client.views_open(trigger_id=str(body.get("trigger_id", "")), view=view)
    except SlackApiError as error:
        raise InputError(f"Slack did not open the form in time. Choose {wanted} once more.") from error
    return str(opened["view"]["id"])


def _sayer(client: AsyncWebClient, view_id: str) -> Respond:
    async def say(*, text: str, **_form: Any) -> Any:
        return await update_modal(client, view_id, said_form(text))

    return say
