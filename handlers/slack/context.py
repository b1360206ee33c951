"""What every Slack listener is given: the use cases, and the way from a Slack team to a tenant."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from engine.errors import NotFound
from services.delivery import Sender
from services.leaving import Departures
from services.onboarding import Onboarding
from services.ports import SystemLookups
from services.reports import Reports
from services.verdicts import Verdicts


class SlackServices(msgspec.Struct, frozen=True):
    """The use cases behind Slack."""

    lookups: SystemLookups
    reports: Reports
    verdicts: Verdicts
    onboarding: Onboarding
    departures: Departures
    sender: Sender


class Caller(msgspec.Struct, frozen=True):
    """Who clicked or typed, for which tenant."""

    tenant_id: str
    user_id: str


Respond = Callable[..., Awaitable[Any]]


async def caller_of_command(command: Mapping[str, Any], lookups: SystemLookups) -> Caller:
    """Name the caller of a slash command. Raises NotFound for a workspace that never installed the bot."""
    return await _caller(str(command.get("team_id", "")), str(command.get("user_id", "")), lookups)


async def caller_of_action(body: Mapping[str, Any], lookups: SystemLookups) -> Caller:
    """Name who clicked. In a shared channel people of other workspaces see the card too, but it is not theirs."""
    team = body.get("team") or {}
    user = body.get("user") or {}
    if user.get("team_id", team.get("id")) != team.get("id"):
        raise NotFound("This card belongs to another workspace; only its members can answer it.")
    return await _caller(str(team.get("id", "")), str(user.get("id", "")), lookups)


async def _caller(team_id: str, user_id: str, lookups: SystemLookups) -> Caller:
    tenant = await lookups.find_tenant_by_team(team_id)
    if tenant is None:
        raise NotFound("This workspace is not set up yet. Ask whoever runs dd0c/cost to install it here.")
    return Caller(tenant.tenant_id, user_id)
