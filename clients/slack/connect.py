"""From a bot token to Slack clients."""

from collections.abc import Sequence

import aiohttp
import msgspec
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from clients.slack.errors import translated

CALL_SECONDS = 15.0


class Workspace(msgspec.Struct, frozen=True):
    """The workspace a token belongs to, or the whole organisation where that installed the app."""

    team_id: str
    team_name: str


class SlackClient(AsyncWebClient):
    """The SDK's client, with the one call that aiohttp 3.14 no longer takes from it: BasicAuth is deprecated there."""

    async def oauth_v2_access(  # type: ignore[override] # what else the SDK would pass on, nobody gives
        self,
        *,
        client_id: str,
        client_secret: str,
        code: str | None = None,
        redirect_uri: str | None = None,
        grant_type: str | None = None,
        refresh_token: str | None = None,
    ) -> AsyncSlackResponse:
        """Exchange a code or a refresh token for an access token."""
        given = {
            "code": code,
            "redirect_uri": redirect_uri,
            "grant_type": grant_type,
            "refresh_token": refresh_token,
        }
        return await self.api_call(
            "oauth.v2.access",
            data={name: value for name, value in given.items() if value is not None},
            headers={"Authorization": aiohttp.encode_basic_auth(client_id, client_secret)},
        )


def slack_session(
    seconds: float = CALL_SECONDS, trace_configs: Sequence[aiohttp.TraceConfig] = ()
) -> aiohttp.ClientSession:
    """Give the session that all clients share; no call takes longer, because nobody else sees to that.

    The SDK's own ``timeout`` holds only for sessions that it opens itself.
    """
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=seconds), trace_configs=list(trace_configs))


def slack_client(token: str | None, base_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """Give a client that never repeats a request by itself.

    The SDK's own retry after a lost connection could post a card twice; the outbox knows how to settle such a doubt.
    """
    return SlackClient(token=token, base_url=base_url, session=session, retry_handlers=[])


async def identify_workspace(client: AsyncWebClient) -> Workspace:
    """Ask Slack whose token this is. Raises Rejected for a token it does not know, Unavailable when it is away."""
    async with translated("Signing in to Slack"):
        answer = await client.auth_test()
    return workspace_of(answer)


def workspace_of(answer: AsyncSlackResponse) -> Workspace:
    """Read the answer of `auth.test`."""
    installed_by = "enterprise_id" if answer.get("is_enterprise_install") else "team_id"
    team_id = str(answer.get(installed_by) or answer["team_id"])
    return Workspace(team_id, str(answer.get("team") or team_id))
