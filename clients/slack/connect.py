"""From a bot token to Slack clients."""

import aiohttp
import msgspec
from slack_sdk.web.async_client import AsyncWebClient

from clients.slack.errors import translated

_TIMEOUT_SECONDS = 15


class Workspace(msgspec.Struct, frozen=True):
    """The workspace a token belongs to, or the whole organisation where that installed the app."""

    team_id: str
    team_name: str


def slack_client(token: str, base_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """Give a client that never repeats a request by itself.

    The SDK's own retry after a lost connection could post a card twice; the outbox knows how to settle such a doubt.
    """
    return AsyncWebClient(token=token, base_url=base_url, session=session, timeout=_TIMEOUT_SECONDS, retry_handlers=[])


async def identify_workspace(client: AsyncWebClient) -> Workspace:
    """Ask Slack whose token this is. Raises Rejected for a token it does not know, Unavailable when it is away."""
    async with translated("Signing in to Slack"):
        answer = await client.auth_test()
    installed_by = "enterprise_id" if answer.get("is_enterprise_install") else "team_id"
    team_id = str(answer.get(installed_by) or answer["team_id"])
    return Workspace(team_id, str(answer.get("team") or team_id))
