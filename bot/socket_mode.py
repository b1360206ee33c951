"""Socket Mode: the bot calls Slack and is told everything over that connection, so it needs no address of its own."""

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from clients.slack.errors import translated
from engine.errors import AccessDenied, InvalidSetting, Rejected


async def open_socket(app: AsyncApp, client: AsyncWebClient, app_token: str) -> AsyncSocketModeHandler:
    """Connect; a connection that is lost later is made again by itself. Whoever calls this closes it.

    Raises InvalidSetting for a token that Slack refuses, UpstreamError when Slack does not answer.
    """
    url = await ask_for_connection(client, app_token)
    handler = AsyncSocketModeHandler(app, app_token, web_client=client)
    handler.client.wss_uri = url
    await handler.connect_async()  # type: ignore[no-untyped-call] # Bolt types its handlers in part
    return handler


async def ask_for_connection(client: AsyncWebClient, app_token: str) -> str:
    """Where to connect. Raises as ``open_socket``.

    The SDK would try a refused token for ever, and never say so to whoever started the bot.
    """
    try:
        async with translated("Opening a Socket Mode connection"):
            answer = await client.apps_connections_open(app_token=app_token)
    except (AccessDenied, Rejected) as error:
        raise InvalidSetting(
            f"SLACK_APP_TOKEN was refused ({error.code}): make one with the scope connections:write under "
            '"Basic Information", "App-Level Tokens" on the app\'s page, and switch Socket Mode on.'
        ) from error
    return str(answer["url"])
