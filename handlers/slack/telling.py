"""Where an answer goes: to the address that came with a click, and from the App Home, which has none, into a modal."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook import WebhookResponse

from blocks.answer_modal import answer_modal, waiting_modal
from blocks.card import Block, Card
from handlers.slack.context import Respond

_REFUSED_BLOCKS = ("invalid_blocks", "invalid_blocks_format")
_log = logging.getLogger(__name__)


def teller(body: Mapping[str, Any], client: AsyncWebClient, respond: Respond) -> Respond:
    """Give what answers a click when there is something to say."""
    return respond if body.get("response_url") else _ModalTeller(body, client).tell


async def teller_at_once(body: Mapping[str, Any], client: AsyncWebClient, respond: Respond) -> Respond:
    """The same for a click that is always answered: the modal opens now, for Slack allows that for three seconds."""
    if body.get("response_url"):
        return respond
    modal = _ModalTeller(body, client)
    await modal.open()
    return modal.tell


class _ModalTeller:
    """Shows answers in the modal that was clicked, in a new one, or in a direct message where Slack takes neither."""

    def __init__(self, body: Mapping[str, Any], client: AsyncWebClient) -> None:
        view = body.get("view") or {}
        self._client = client
        self._trigger_id = str(body.get("trigger_id") or "")
        self._user_id = str((body.get("user") or {}).get("id") or "")
        self._view_id = str(view.get("id") or "") if view.get("type") == "modal" else ""

    async def open(self) -> None:
        """Open the modal, where there is none yet; whoever cannot have one is answered all the same."""
        if not self._view_id:
            await self._shown(waiting_modal())

    async def tell(self, *, text: str, blocks: list[Block] | None = None, **_place: object) -> Any:
        """Show an answer."""
        answer = await self._shown(answer_modal(Card(text, blocks or [])))
        if answer is not None:
            return answer
        if self._view_id:
            await self._shown(answer_modal(Card("The answer is in the Messages tab.", [])))
        return await self._posted(text, blocks)

    async def _posted(self, text: str, blocks: list[Block] | None) -> Any:
        """Post it to the person; blocks that Slack does not know are refused as an address for answers refuses them."""
        try:
            return await self._client.chat_postMessage(channel=self._user_id, text=text, blocks=blocks)
        except SlackApiError as error:
            if (code := _reason(error)) not in _REFUSED_BLOCKS:
                raise
            return WebhookResponse(url="", status_code=HTTPStatus.BAD_REQUEST, body=code, headers={})

    async def _shown(self, view: Block) -> Any:
        try:
            if self._view_id:
                return await self._client.views_update(view_id=self._view_id, view=view)
            opened = await self._client.views_open(trigger_id=self._trigger_id, view=view)
        except (SlackApiError, aiohttp.ClientError, OSError) as error:
            _log.info("an answer could not be shown in a modal: %s", _reason(error))
            return None
        self._view_id = str(opened["view"]["id"])
        return opened


def _reason(error: Exception) -> str:
    return str(error.response.get("error")) if isinstance(error, SlackApiError) else type(error).__name__
