"""Answers to the address that comes with a command or a click, over the session that all calls to Slack share."""

from copy import copy
from typing import Any

from slack_bolt.async_app import AsyncRespond
from slack_sdk.webhook import WebhookResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient


class SharedRespond(AsyncRespond):
    """Bolt's own opens a session for every answer, and with it a connection and its encryption, and closes it again.

    ``hook`` is made once: for each new one the SDK looks through the environment for proxies.
    """

    def __init__(self, response_url: str | None, hook: AsyncWebhookClient) -> None:
        super().__init__(response_url=response_url, proxy=hook.proxy, ssl=hook.ssl)
        self._hook = hook

    async def __call__(self, *given: Any, **named: Any) -> WebhookResponse:
        """Send an answer. Raises ValueError where nothing says whereto."""
        if self.response_url is None or given:  # By position only Bolt itself gives what it says.
            return await super().__call__(*given, **named)
        hook = copy(self._hook)
        hook.url = self.response_url
        return await hook.send(**named)
