"""The Bolt app: who may call, and what listens."""

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack import anomaly_actions, commands, departures, expected_modal, welcome
from handlers.slack.context import SlackServices


def build_slack_app(
    *, signing_secret: str, client: AsyncWebClient, authorize: AsyncAuthorize, services: SlackServices
) -> AsyncApp:
    """Give the app; ``client`` says where Slack is, ``authorize`` with which token a request is answered."""
    app = AsyncApp(
        name="dd0c",
        signing_secret=signing_secret,
        client=client,
        authorize=authorize,  # type: ignore[arg-type] # Bolt takes its own kind besides functions, and does not say so
    )
    departures.register(app, services)
    commands.register(app, services)
    anomaly_actions.register(app, services)
    expected_modal.register(app, services)
    welcome.register(app, services)
    return app
