"""Answers to the address that comes with a command or a click, over the session that all calls to Slack share."""

from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook import WebhookResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient


class SharedRespond(AsyncRespond):
    """Bolt's own opens a session for every answer, and with it a connection and its encryption, and closes it again."""

    def __init__(self, response_url: str | None, client: AsyncWebClient) -> None:
        super().__init__(response_url=response_url, proxy=client.proxy, ssl=client.ssl)
        self._session: aiohttp.ClientSession | None = client.session

    async def __call__(self, *given: Any, **named: Any) -> WebhookResponse:
        """Send an answer. Raises ValueError where nothing says whereto."""
        if self.response_url is None or given:  # By position only Bolt itself gives what it says.
            return await super().__call__(*given, **named)
        hook = AsyncWebhookClient(self.response_url, proxy=self.proxy, ssl=self.ssl, session=self._session)
        return await hook.send(**named)
