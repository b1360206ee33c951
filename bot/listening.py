"""Taking a port, and answering at it."""

import socket
from contextlib import AsyncExitStack

from aiohttp import web

from engine.errors import InvalidSetting

_ANSWER_GRACE_SECONDS = 5.0


def listen(host: str, port: int, settings: str) -> socket.socket:
    """Take a port; requests that come before it is served wait. Raises InvalidSetting, which names the settings."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        reason = str(error.strerror or error).partition(" (while")[0]  # What follows says the address once more.
        raise InvalidSetting(
            f"{settings}: the bot cannot listen at {host}:{port} ({reason}). Stop what listens there, or "
            "choose another port; 0 takes a free one."
        ) from error


async def serve_at(stack: AsyncExitStack, app: web.Application, listener: socket.socket) -> str:
    """Answer with ``app`` until the stack is closed; gives the base URL."""
    # Packed bodies stay packed: whoever takes them unpacks them with a limit, so that none becomes a bomb.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_ANSWER_GRACE_SECONDS, auto_decompress=False)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.SockSite(runner, listener).start()
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
