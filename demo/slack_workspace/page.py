"""The page at `/`: static files, a stream of changes, and small JSON endpoints that act as a person."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any

from aiohttp import web

from demo.slack_workspace.acts import PeopleActions
from demo.slack_workspace.errors import NoSuchElementError, SlackError
from demo.slack_workspace.interactions import Interaction
from demo.slack_workspace.snapshot import snapshot

_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_NAMES = (
    "index.html",
    "style.css",
    "blocks.css",
    "app.js",
    "blocks.js",
    "elements.js",
    "mrkdwn.js",
    "emoji.js",
    "views.js",
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src * data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_HEARTBEAT_SECONDS = 15.0
Act = Callable[[PeopleActions, dict[str, Any]], Awaitable[Interaction | None]]


async def _act(people: PeopleActions, body: dict[str, Any]) -> Interaction:
    return await people.select(body["user"], body["channel"], body["message_ts"], body["action_id"], body.get("value"))


async def _act_in_view(people: PeopleActions, body: dict[str, Any]) -> Interaction:
    return await people.act_in_view(body["user"], body["view_id"], body["action_id"], body.get("value"))


async def _submit(people: PeopleActions, body: dict[str, Any]) -> Interaction:
    return await people.submit_view(body["user"], body["view_id"], body.get("values"))


async def _close(people: PeopleActions, body: dict[str, Any]) -> Interaction:
    return await people.close_view(body["user"], body["view_id"])


async def _type(people: PeopleActions, body: dict[str, Any]) -> Interaction | None:
    return await people.type_line(body["user"], body["channel"], body["text"], body.get("thread_ts"))


async def _home(people: PeopleActions, body: dict[str, Any]) -> None:
    await people.open_home(body["user"])


async def _uninstall(people: PeopleActions, _body: dict[str, Any]) -> None:
    await people.uninstall()


_ACTS: dict[str, Act] = {
    "act": _act,
    "act_in_view": _act_in_view,
    "submit": _submit,
    "close": _close,
    "type": _type,
    "home": _home,
    "uninstall": _uninstall,
}


def add_page(app: web.Application, people: PeopleActions) -> None:
    """Add the page and what it needs to the workspace's server."""

    async def state(request: web.Request) -> web.Response:
        return web.json_response(snapshot(people, request.query.get("user"), request.query.get("channel")))

    async def perform(request: web.Request) -> web.Response:
        return await _perform(people, request)

    async def stream(request: web.Request) -> web.StreamResponse:
        return await _stream(people, request)

    app.router.add_get("/", _static)
    app.router.add_get("/static/{name}", _static)
    app.router.add_get("/_demo/state", state)
    app.router.add_get("/_demo/stream", stream)
    app.router.add_post("/_demo/{act}", perform)


async def _static(request: web.Request) -> web.Response:
    name = request.match_info.get("name", "index.html")
    if name not in _NAMES:
        raise web.HTTPNotFound
    text = files("demo.slack_workspace").joinpath("static", name).read_text("utf-8")
    return web.Response(text=text, content_type=_TYPES[name.rpartition(".")[2]], headers=_HEADERS)


async def _perform(people: PeopleActions, request: web.Request) -> web.Response:
    """Do one act; only JSON is taken, which no foreign page can send without asking first."""
    act = _ACTS.get(request.match_info["act"])
    if act is None:
        raise web.HTTPNotFound
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        body = await request.json()
        done = await act(people, body)
    except KeyError as missing:
        return _refused(f"the request lacks {missing}")
    except (ValueError, TypeError, AttributeError, IndexError):
        return _refused("the request is not the JSON object expected")
    except (NoSuchElementError, SlackError) as refused:
        return _refused(str(refused))
    return web.json_response({"error": done.error, "errors": done.errors} if done else {})


def _refused(reason: str) -> web.Response:
    return web.json_response({"error": reason, "errors": {}}, status=400)


async def _stream(people: PeopleActions, request: web.Request) -> web.StreamResponse:
    """Send the revision at every change, and a comment now and then so that the line stays open."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    seen = -1
    while True:
        try:
            async with asyncio.timeout(_HEARTBEAT_SECONDS):
                seen = await people.state.wait_for_change(seen)
            line = f"data: {json.dumps(seen)}\n\n"
        except TimeoutError:
            line = ": still here\n\n"
        try:
            await response.write(line.encode())
        except ConnectionError:
            return response
