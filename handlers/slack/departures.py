"""Slack says that the app was uninstalled, or that its bot token was revoked."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncApp

from engine.models.account import Tenant
from handlers.slack.context import SlackServices
from handlers.slack.matching import Body
from handlers.slack.settling import settle_first

_log = logging.getLogger(__name__)
_CLOCKS_DIFFER = timedelta(minutes=1)
_UNINSTALLED, _REVOKED = "app_uninstalled", "tokens_revoked"
EVENTS = (_UNINSTALLED, _REVOKED)


def register(app: AsyncApp, services: SlackServices) -> None:
    """Take both events; until the tenant is marked, Slack is to send them again."""
    trouble = "the app was uninstalled, and that could not be noted yet"
    settle_first(app, is_departure, partial(_depart, services), trouble)


def is_departure(body: Body) -> bool:
    """Whether this is one of the two events."""
    event = body.get("event")
    return isinstance(event, Mapping) and event.get("type") in EVENTS


async def _depart(services: SlackServices, body: Body) -> None:
    event = body["event"]
    if event["type"] == _REVOKED and not _names_bot(event):
        return
    tenant = await services.teams.find_tenant(_installer(body))
    if tenant is None:
        _log.info("Slack says that the app was uninstalled where no tenant is")
        return
    if _is_of_before(body, tenant):
        _log.info("Slack says late that the app was uninstalled; it was installed again meanwhile")
        return
    reason = "The Slack app was uninstalled" if event["type"] == _UNINSTALLED else "The bot's token was revoked"
    await services.departures.disconnect_tenant(tenant.tenant_id, f"{reason}; its data is being deleted.")


def _is_of_before(body: Mapping[str, Any], tenant: Tenant) -> bool:
    """Slack tells for an hour what it could not tell at once. In doubt (clocks differ) it is of now."""
    told = body.get("event_time")
    if tenant.installed_at is None or not isinstance(told, int):
        return False
    return told < (tenant.installed_at - _CLOCKS_DIFFER).timestamp()


def _names_bot(event: Mapping[str, Any]) -> bool:
    """Whether the bot's own token is among those revoked, and not only some person's."""
    tokens = event.get("tokens")
    return isinstance(tokens, Mapping) and bool(tokens.get("bot"))


def _installer(body: Mapping[str, Any]) -> str:
    """Who had installed the app: an organisation only where Slack says so.

    One workspace of an organisation that takes the app out must not end the whole organisation.
    """
    if body.get("is_enterprise_install") or not body.get("team_id"):
        return str(body.get("enterprise_id") or "")
    return str(body["team_id"])
