"""An aiohttp handler that reads the body, says "ok" and does nothing else, in a process of its own.

Run as ``python -m bench.load.bare``; it ends with its standard input.
"""

import asyncio
import sys

import click
from aiohttp import web


async def main() -> None:
    """Serve until nobody holds the other end of the standard input."""

    async def handle(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(text="ok")

    server = web.Application(client_max_size=1 << 24)
    server.router.add_route("*", "/{tail:.*}", handle)
    runner = web.AppRunner(server, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    click.echo(f"listening at http://127.0.0.1:{runner.addresses[0][1]}")
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
