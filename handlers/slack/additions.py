"""Slack says that an organisation, which had installed the app, added it to workspaces."""

import logging
from collections.abc import Mapping

from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_bolt.response import BoltResponse

from engine.errors import UpstreamError
from handlers.slack.context import SlackServices
from handlers.slack.matching import Before, Body, Next

_log = logging.getLogger(__name__)
_OK, _LATER = 200, 503
EVENT = "team_access_granted"


def register(app: AsyncApp, services: SlackServices) -> None:
    """Take the event before Bolt answers it: where Slack or the database is away, Slack is to send it again."""

    async def handle_addition(body: Body, _context: AsyncBoltContext, _next: Next) -> BoltResponse:
        try:
            await _add(services, body)
        except UpstreamError as error:
            _log.warning("the app was added to workspaces, and nobody could be greeted yet: %s", error)
            return BoltResponse(status=_LATER, body="")
        return BoltResponse(status=_OK, body="")

    app.use(Before(_is_addition, handle_addition))


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
