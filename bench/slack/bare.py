"""A Bolt app that acknowledges ``/dd0c`` and does nothing else, in a process of its own.

Run as ``python -m bench.slack.bare API_URL TOKEN SIGNING_SECRET``; it ends with its standard input.
"""

import asyncio
import sys

import click
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

COMMANDS = "/v1/slack/commands"


async def main(api_url: str, token: str, signing_secret: str) -> None:
    """Serve until nobody holds the other end of the standard input."""
    app = AsyncApp(client=AsyncWebClient(token, base_url=api_url), signing_secret=signing_secret)

    async def acknowledge(ack: AsyncAck) -> None:
        await ack()

    async def handle(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    app.command("/dd0c")(acknowledge)
    server = web.Application()
    server.router.add_post(COMMANDS, handle)
    runner = web.AppRunner(server, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    click.echo(f"listening at http://127.0.0.1:{runner.addresses[0][1]}")
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
