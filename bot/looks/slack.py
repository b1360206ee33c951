"""Slack: the token or the client, its scopes, the clock, and where cards go."""

from datetime import datetime

import aiohttp

from bot.identity import utc_now
from bot.looks.sick import Sick
from bot.settings import Settings
from bot.socket_mode import ask_for_connection
from clients.slack.connect import slack_client, slack_session
from clients.slack.examining import SlackExaminer, TokenFacts
from engine.errors import AccessDenied, Rejected
from handlers.slack.scopes import PUBLIC_CHANNELS

_NEEDED = ("chat:write", "commands")
_MOST_SECONDS_APART = 120
_AGAIN = "Install the app again from its page, with the manifest that `dd0c manifest` prints."


async def look_at_slack(settings: Settings) -> str:
    """Ask Slack about the one workspace's token, or about the client that any workspace installs."""
    async with slack_session() as session:
        if settings.is_installable:
            return await _look_at_client(settings, session)
        token = settings.slack_bot_token.get_secret_value()
        slack = SlackExaminer(slack_client(token, settings.slack_api_url, session))
        try:
            facts = await slack.examine_token()
        except Rejected as error:
            raise Sick(f"SLACK_BOT_TOKEN was refused ({error.code}). Copy it again from the app's page.") from error
        compare_clocks(facts.slack_time, utc_now())
        _compare_scopes(facts)
        place = await _look_at_place(settings, slack, facts)
        return f"workspace {facts.workspace.team_name} ({facts.workspace.team_id}), {place}"


async def look_at_socket(settings: Settings) -> str:
    """Ask for a connection of Socket Mode, and open none."""
    async with slack_session() as session:
        client = slack_client(None, settings.slack_api_url, session)
        await ask_for_connection(client, settings.slack_app_token.get_secret_value())
    return "Slack gives this bot a connection"


async def _look_at_client(settings: Settings, session: aiohttp.ClientSession) -> str:
    slack = SlackExaminer(slack_client(None, settings.slack_api_url, session))
    secret = settings.slack_client_secret.get_secret_value()
    if refusal := await slack.refusal_of_client(settings.slack_client_id, secret):
        raise Sick(
            f"SLACK_CLIENT_ID and SLACK_CLIENT_SECRET were refused ({refusal}). Copy both again from "
            '"Basic Information" on the app\'s page.'
        )
    compare_clocks(await slack.fetch_time(), utc_now())
    return "any workspace may install the app"


def compare_clocks(slack_time: datetime | None, now: datetime) -> None:
    """Raise Sick for a clock that is so wrong that Slack's signatures will soon be too old, or from the future."""
    seconds = round((now - slack_time).total_seconds()) if slack_time is not None else 0
    if abs(seconds) > _MOST_SECONDS_APART:
        raise Sick(
            f"This machine's clock is {abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} Slack's, and from "
            "300 s on Slack's requests are refused. Let it be set over the network: timedatectl set-ntp true."
        )


def _compare_scopes(facts: TokenFacts) -> None:
    missing = [scope for scope in _NEEDED if scope not in facts.scopes]
    if facts.scopes and missing:
        raise Sick(f"The app lacks the scopes {' and '.join(missing)}. {_AGAIN}")


async def _look_at_place(settings: Settings, slack: SlackExaminer, facts: TokenFacts) -> str:
    """Whether whoever is to be told can be told; without the scopes to look, that is said."""
    channel, admin = settings.alert_channel, settings.admin_user
    try:
        if not channel:
            return f"{await slack.fetch_person(admin)} is to choose the channel"
        found = await slack.fetch_channel(channel)
    except AccessDenied:
        return f"cards go to {channel or admin}, which the app's scopes do not let it look at"
    except Rejected as error:
        named = f"DD0C_ALERT_CHANNEL is {channel}" if channel else f"DD0C_ADMIN_USER is {admin}"
        raise Sick(
            f"{named}, and Slack says {error.code}. Copy the id again from its details in Slack; the bot sees private "
            "channels only once somebody typed /invite there."
        ) from error
    if found.is_archived:
        raise Sick(f"DD0C_ALERT_CHANNEL is #{found.name}, which is archived. Name another one.")
    if not found.is_member and PUBLIC_CHANNELS not in facts.scopes:
        raise Sick(f"The bot is no member of #{found.name}, where cards go. Type /invite there.")
    return f"cards go to #{found.name}"
