"""Buttons that are links: the browser does what they say, and Slack only wants to hear that we were told."""

from slack_bolt.async_app import AsyncAck, AsyncApp

from blocks.plan import OPEN_LINK

ACTIONS = (OPEN_LINK,)


def register(app: AsyncApp) -> None:
    """Listen to them; one that nobody acknowledges gets a warning sign in Slack."""

    async def handle_link(ack: AsyncAck) -> None:
        await ack()

    for action_id in ACTIONS:
        app.action(action_id)(handle_link)
