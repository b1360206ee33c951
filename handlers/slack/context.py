"""What every Slack listener is given: the use cases, and the way from a Slack team to a tenant."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from engine.errors import NotFound
from services.delivery import Sender
from services.digest_settings import DigestSettings
from services.digests import Digests
from services.findings import Findings
from services.leaving import Departures
from services.onboarding import Onboarding
from services.pausing import Pausing
from services.ports import Clock, SystemLookups
from services.preferences import Preferences
from services.quieting import Quieting
from services.reports import Reports
from services.verdicts import Verdicts
from services.workspaces import Workspaces


class SlackServices(msgspec.Struct, frozen=True):
    """The use cases behind Slack."""

    lookups: SystemLookups
    reports: Reports
    findings: Findings
    digests: Digests
    verdicts: Verdicts
    onboarding: Onboarding
    departures: Departures
    preferences: Preferences
    digest_settings: DigestSettings
    quieting: Quieting
    pausing: Pausing
    sender: Sender
    workspaces: Workspaces
    clock: Clock


class Caller(msgspec.Struct, frozen=True):
    """Who clicked or typed, for which tenant."""

    tenant_id: str
    user_id: str


Respond = Callable[..., Awaitable[Any]]


async def caller_of_command(command: Mapping[str, Any], lookups: SystemLookups) -> Caller:
    """Name the caller of a slash command. Raises NotFound for a workspace that never installed the bot."""
    return await _caller(command.get("enterprise_id"), command.get("team_id"), command.get("user_id"), lookups)


async def caller_of_action(body: Mapping[str, Any], lookups: SystemLookups) -> Caller:
    """Name who clicked. In a shared channel people of other workspaces see the card too, but it is not theirs.

    Raises NotFound for them, and for a workspace that never installed the bot. Where an organisation installed the bot,
    Slack names no team.
    """
    enterprise_id, team_id = _id(body.get("enterprise")), _id(body.get("team"))
    user = body.get("user") or {}
    home = team_id or (body.get("message") or {}).get("team") or enterprise_id
    if home != enterprise_id and user.get("team_id", home) not in (home, enterprise_id):
        raise NotFound("This card belongs to another workspace; only its members can answer it.")
    return await _caller(enterprise_id, team_id, user.get("id"), lookups)


def _id(named: Mapping[str, Any] | None) -> str | None:
    return named.get("id") if named else None


async def _caller(
    enterprise_id: str | None, team_id: str | None, user_id: str | None, lookups: SystemLookups
) -> Caller:
    """A workspace inside an organisation that installed the bot belongs to the organisation's tenant."""
    for slack_id in (enterprise_id, team_id):
        tenant = await lookups.find_tenant_by_team(slack_id or "")
        if tenant is not None:
            return Caller(tenant.tenant_id, user_id or "")
    raise NotFound("This workspace is not set up yet. Ask whoever runs dd0c/cost to install it here.")
