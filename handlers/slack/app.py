"""The Bolt app: who may call, and what listens."""

import logging
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.logger.messages import warning_client_prioritized_and_token_skipped
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from handlers.slack import (
    additions,
    anomaly_actions,
    anomaly_menu,
    asking,
    commands,
    departures,
    expected_modal,
    home,
    links,
    resending,
    routes_modal,
    snooze_modal,
    tickets,
    welcome,
)
from handlers.slack.acknowledging import Acknowledgements
from handlers.slack.context import SlackServices
from handlers.slack.crowding import Crowd
from handlers.slack.listeners import Listeners
from handlers.slack.matching import match_by_body
from handlers.slack.responding import SharedRespond
from services.ports.watching import Meter
from services.unwatched import NO_METER

_LOGGER = "slack_bolt.AsyncApp"


class SlackApp(AsyncApp):
    """Bolt's, which lets it be known what waits to be acknowledged and what is at work, however it came.

    More than it can do it does not take in. In Socket Mode a refusal of more than a command is no answer at all.
    """

    def __init__(self, acknowledgements: Acknowledgements, meter: Meter, **options: Any) -> None:
        super().__init__(**options)
        self.listeners = Listeners.of(self)
        self._acknowledgements = acknowledgements
        self._crowd = Crowd(acknowledgements, self.listeners, meter)
        self._hook = AsyncWebhookClient("", proxy=self.client.proxy, ssl=self.client.ssl, session=self.client.session)

    def match_by_body(self) -> None:
        """Once all listeners are there."""
        match_by_body(self._async_listeners)

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Take a request from Slack in, or refuse it where too much waits.

        That the app was uninstalled leaves no work that waits, and Slack would say it for some minutes only.
        """
        if not departures.is_departure(req.body) and (refusal := self._crowd.refusal(req.body)):
            return refusal
        req.context["respond"] = SharedRespond(req.context.response_url, self._hook)
        with self._acknowledgements.awaited(req.context):
            return await super().async_dispatch(req)


def build_slack_app(
    *,
    signing_secret: str,
    client: AsyncWebClient,
    authorize: AsyncAuthorize,
    services: SlackServices,
    meter: Meter = NO_METER,
) -> SlackApp:
    """Give the app; ``client`` says where Slack is, ``authorize`` with which token a request is answered."""
    logging.getLogger(_LOGGER).addFilter(_is_news)
    acknowledgements = Acknowledgements()
    app = SlackApp(
        acknowledgements,
        meter,
        name="dd0c",
        signing_secret=signing_secret,
        client=client,
        authorize=authorize,
    )
    additions.register(app, services)
    departures.register(app, services)
    home.register(app, services)
    commands.register(app, services, acknowledgements)
    anomaly_actions.register(app, services)
    anomaly_menu.register(app, services)
    expected_modal.register(app, services)
    snooze_modal.register(app, services)
    asking.register(app, services)
    tickets.register(app, services)
    welcome.register(app, services)
    routes_modal.register(app, services)
    resending.register(app, services)
    links.register(app)
    app.match_by_body()
    return app


def _is_news(record: logging.LogRecord) -> bool:
    """Bolt finds SLACK_BOT_TOKEN in the environment by itself, and warns that it does not use it."""
    return record.getMessage() != warning_client_prioritized_and_token_skipped()
