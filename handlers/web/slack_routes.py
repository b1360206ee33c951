"""Slack's requests over HTTP, handed to Bolt."""

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

from handlers.web import slack_bodies
from handlers.web.slack_shapes import is_sound

PATHS = ("/v1/slack/commands", "/v1/slack/actions", "/v1/slack/events")
_LONGEST_TIMESTAMP = 15
# What no honest Slack sends fails in many ways, here and in Bolt: a charset or JSON that is none, JSON that is no
# object, or one nested too deeply.
_UNREADABLE = (AttributeError, LookupError, RecursionError, TypeError, ValueError)


def register(app: web.Application, slack: AsyncApp, signing_secret: str) -> None:
    """Add the POST routes; each serves whatever Slack sends to it, and reads no body that Slack did not sign."""
    verifier = SignatureVerifier(signing_secret)

    async def handle_slack(request: web.Request) -> web.StreamResponse:
        if not _is_well_formed(request) or not await _is_signed(request, verifier):
            raise web.HTTPUnauthorized(text="The request is not signed by Slack.")
        try:
            # Bolt takes a body that was read for one of Socket Mode's, and does not look at its signature again.
            body = slack_bodies.read(await request.text(), request.content_type)
            bolt_request = AsyncBoltRequest(body=body, mode="socket_mode")
        except _UNREADABLE:
            raise web.HTTPBadRequest(text="The body cannot be read.") from None
        if not is_sound(bolt_request.body):
            raise web.HTTPBadRequest(text="The body is no command, click, form or event of Slack's.")
        return await to_aiohttp_response(await slack.async_dispatch(bolt_request))

    for path in PATHS:
        app.router.add_post(path, handle_slack)


def _is_well_formed(request: web.Request) -> bool:
    """Bolt fails with a server error on headers that no honest Slack sends; they are simply not signed."""
    timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
    signature = request.headers.get("X-Slack-Signature", "")
    plain = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _LONGEST_TIMESTAMP
    return plain and bool(signature) and signature.isascii()


async def _is_signed(request: web.Request, verifier: SignatureVerifier) -> bool:
    """Compare over the bytes as they came; what is not UTF-8 cannot be Slack's."""
    timestamp, signature = request.headers["X-Slack-Request-Timestamp"], request.headers["X-Slack-Signature"]
    try:
        return verifier.is_valid(await request.read(), timestamp, signature)
    except UnicodeDecodeError:
        return False
