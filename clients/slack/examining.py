"""What an operator wants to know of the way into Slack before anything is posted there."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from clients.slack.connect import Workspace, workspace_of
from clients.slack.errors import translated
from engine.errors import AccessDenied, Rejected

_NO_SUCH_CLIENT = frozenset({"invalid_client_id", "bad_client_secret"})
_NO_CODE = "none"


class TokenFacts(msgspec.Struct, frozen=True):
    """Of a token; ``scopes`` is empty and ``slack_time`` None where Slack does not tell."""

    workspace: Workspace
    scopes: frozenset[str]
    slack_time: datetime | None


class ChannelFacts(msgspec.Struct, frozen=True):
    """Of a channel, as the bot sees it."""

    name: str
    is_member: bool
    is_archived: bool


class SlackExaminer:
    """Asks and changes nothing. Every method raises UpstreamError; Rejected carries Slack's own word."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def examine_token(self) -> TokenFacts:
        """Whose token this is, and what it may do."""
        async with translated("Signing in to Slack"):
            answer = await self._client.auth_test()
        scopes = str(_headers(answer).get("X-OAuth-Scopes", ""))
        return TokenFacts(
            workspace=workspace_of(answer),
            scopes=frozenset(scope.strip() for scope in scopes.split(",") if scope.strip()),
            slack_time=_time_of(answer),
        )

    async def fetch_time(self) -> datetime | None:
        """Slack's clock, to the second; needs no token."""
        async with translated("Asking Slack for the time"):
            return _time_of(await self._client.api_test())

    async def fetch_channel(self, channel_id: str) -> ChannelFacts:
        """Look at a channel. Raises AccessDenied without the scope for that."""
        async with translated("Looking at the channel"):
            answer = await self._client.conversations_info(channel=channel_id)
        found: dict[str, Any] = answer.get("channel") or {}
        return ChannelFacts(
            name=str(found.get("name") or channel_id),
            is_member=bool(found.get("is_member")),
            is_archived=bool(found.get("is_archived")),
        )

    async def fetch_person(self, user_id: str) -> str:
        """Somebody's name. Raises AccessDenied without the scope for that."""
        async with translated("Looking at a person"):
            answer = await self._client.users_info(user=user_id)
        found: dict[str, Any] = answer.get("user") or {}
        return str(found.get("real_name") or found.get("name") or user_id)

    async def refusal_of_client(self, client_id: str, client_secret: str) -> str:
        """Slack's word for an app's client that it does not know, else nothing.

        A code that nobody was given is refused as well, but only behind a client that is right.
        """
        try:
            async with translated("Asking Slack about the app"):
                await self._client.oauth_v2_access(client_id=client_id, client_secret=client_secret, code=_NO_CODE)
        except (AccessDenied, Rejected) as error:
            return error.code if error.code in _NO_SUCH_CLIENT else ""
        return ""


def _headers(answer: AsyncSlackResponse) -> Any:
    """A mapping that takes names in letters of any case, as aiohttp gives it."""
    return answer.headers


def _time_of(answer: AsyncSlackResponse) -> datetime | None:
    try:
        return parsedate_to_datetime(str(_headers(answer).get("Date", ""))).astimezone(UTC)
    except ValueError:
        return None
