"""The Bolt app: who may call, and what listens."""

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack import anomaly_actions, commands, departures, expected_modal
from handlers.slack.context import SlackServices


def build_slack_app(*, signing_secret: str, client: AsyncWebClient, services: SlackServices) -> AsyncApp:
    """Give the app for one workspace, whose token the client carries."""
    app = AsyncApp(name="dd0c", signing_secret=signing_secret, client=client)
    departures.register(app, services)
    commands.register(app, services)
    anomaly_actions.register(app, services)
    expected_modal.register(app, services)
    return app
