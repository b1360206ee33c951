"""A small bolt app for the tests of the simulated workspace, with a card and a modal of its own."""

import asyncio
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from demo.slack_workspace import SlackWorkspace


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


OPTIONS = [{"text": plain("1 hour"), "value": "1h"}, {"text": plain("1 day"), "value": "1d"}]
CARD: list[dict[str, Any]] = [
    {
        "type": "actions",
        "block_id": "buttons",
        "elements": [
            {"type": "button", "action_id": "expected", "text": plain("Expected"), "value": "a1"},
            {"type": "button", "action_id": "ask", "text": plain("Ask")},
            {"type": "static_select", "action_id": "snooze", "options": OPTIONS},
        ],
    }
]
MODAL = {
    "type": "modal",
    "callback_id": "why",
    "title": plain("Why?"),
    "submit": plain("Save"),
    "blocks": [
        {
            "type": "input",
            "block_id": "reason",
            "label": plain("Reason"),
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}


class Bot:
    """A small bolt app that notes what it hears."""

    def __init__(self, workspace: SlackWorkspace) -> None:
        client = AsyncWebClient(token=workspace.bot_token, base_url=workspace.api_url)
        self.app = AsyncApp(client=client, signing_secret=workspace.signing_secret)
        self.heard: list[dict[str, Any]] = []
        self.event_answers: list[int] = []
        self.headers: list[Any] = []
        for action_id in ("expected", "snooze"):
            self.app.action(action_id)(self.note)
        self.app.action("ask")(self.ask)
        self.app.command("/dd0c")(self.command)
        self.app.view("why")(self.submitted)

    async def note(self, ack: Any, body: dict[str, Any], respond: Any) -> None:
        await ack()
        self.heard.append(body)
        await respond(text="noted", replace_original=True)

    async def ask(self, ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)
        self.heard.append(body)

    async def command(self, ack: Any, body: dict[str, Any]) -> None:
        self.heard.append(body)
        await ack(f"you said {body['text']}")

    async def submitted(self, ack: Any, view: dict[str, Any]) -> None:
        text = view["state"]["values"]["reason"]["text"]["value"]
        await (ack(response_action="errors", errors={"reason": "too short"}) if len(text) < 3 else ack())

    async def dispatch(self, request: web.Request) -> web.Response:
        return await to_aiohttp_response(await self.app.async_dispatch(await to_bolt_request(request)))

    async def event(self, request: web.Request) -> web.Response:
        self.headers.append(request.headers)
        self.heard.append(await request.json())
        return web.Response(status=self.event_answers.pop(0) if self.event_answers else 200)

    async def sleep(self, _request: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()
