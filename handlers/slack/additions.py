"""Slack says that an organisation, which had installed the app, added it to workspaces."""

import logging
from collections.abc import Mapping
from functools import partial

from slack_bolt.async_app import AsyncApp

from handlers.slack.context import SlackServices
from handlers.slack.matching import Body
from handlers.slack.settling import settle_first

_log = logging.getLogger(__name__)
EVENT = "team_access_granted"


def register(app: AsyncApp, services: SlackServices) -> None:
    """Take the event; until somebody could be greeted, Slack is to send it again."""
    trouble = "the app was added to workspaces, and nobody could be greeted yet"
    settle_first(app, _is_addition, partial(_add, services), trouble)


def _is_addition(body: Body) -> bool:
    event = body.get("event")
    return isinstance(event, Mapping) and event.get("type") == EVENT


async def _add(services: SlackServices, body: Body) -> None:
    """Only now the organisation's installer can be reached, and what waited for them be sent."""
    tenant = await services.teams.find_tenant(str(body.get("enterprise_id") or ""))
    if tenant is None:
        _log.info("Slack says that the app was added to workspaces of nobody we know")
        return
    await services.workspaces.welcome_late(tenant)
    await services.resending.hasten(tenant.tenant_id)
