"""What every Slack listener is given: the use cases, and the way from a Slack team to a tenant."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from blocks.card import Card
from engine.errors import NotFound
from engine.models.account import Tenant
from engine.roles import Deed
from services.asking import Asking
from services.delivery import Sender
from services.digest_settings import DigestSettings
from services.digests import Digests
from services.findings import Findings
from services.homes import Homes
from services.joining import Joined
from services.leaving import Departures
from services.leftovers import Leftovers
from services.onboarding import Onboarding
from services.pausing import Pausing
from services.plans import Plans
from services.ports import Clock, Members
from services.preferences import Preferences
from services.quieting import Quieting
from services.repeats import Repeats
from services.reports import Reports
from services.resending import Resending
from services.roles import Roles
from services.routing import Routing
from services.spend_budgets import BudgetSettings
from services.spend_report import SpendReports
from services.spend_tags import TagSpend
from services.teams import Teams
from services.tickets import Tickets
from services.verdicts import Verdicts
from services.workspaces import Workspaces
from services.zombie_settings import ZombieSettings
from services.zombies import Zombies

_LOOKS_APART_SECONDS = 0.025


def _looks() -> Joined[Card]:
    return Joined(_LOOKS_APART_SECONDS)


class SlackServices(msgspec.Struct, frozen=True):
    """The use cases behind Slack. ``looks`` lets a person share an answer who types the same again at once."""

    teams: Teams
    repeats: Repeats
    members: Members
    roles: Roles
    routing: Routing
    reports: Reports
    homes: Homes
    findings: Findings
    digests: Digests
    spend: SpendReports
    spend_tags: TagSpend
    spend_budgets: BudgetSettings
    verdicts: Verdicts
    leftovers: Leftovers
    asking: Asking
    tickets: Tickets
    onboarding: Onboarding
    departures: Departures
    preferences: Preferences
    digest_settings: DigestSettings
    quieting: Quieting
    pausing: Pausing
    sender: Sender
    resending: Resending
    workspaces: Workspaces
    plans: Plans
    zombies: Zombies
    zombie_settings: ZombieSettings
    clock: Clock
    looks: Joined[Card] = msgspec.field(default_factory=_looks)


class Caller(msgspec.Struct, frozen=True):
    """Who clicked or typed, for which tenant."""

    tenant_id: str
    user_id: str


Respond = Callable[..., Awaitable[Any]]


async def caller_of_command(command: Mapping[str, Any], services: SlackServices) -> Caller:
    """Name the caller of a slash command. Raises NotFound for a workspace that never installed the bot."""
    tenant = await _find_tenant(services, command.get("enterprise_id"), command.get("team_id"))
    return Caller(tenant.tenant_id, str(command.get("user_id") or ""))


async def caller_of_action(body: Mapping[str, Any], services: SlackServices, deed: Deed) -> Caller:
    """Name who clicked. Raises NotAllowed when their role does not suffice for the deed, and as ``who_clicked``."""
    caller = await who_clicked(body, services)
    await services.roles.require(caller.tenant_id, caller.user_id, deed)
    return caller


async def who_clicked(body: Mapping[str, Any], services: SlackServices) -> Caller:
    """Name who clicked, whatever their role. In a shared channel people of other workspaces see the card too.

    Raises NotFound for them, and for a workspace that never installed the bot. Where an organisation installed the bot,
    Slack names no team, and people of all its workspaces belong to it.
    """
    enterprise_id, team_id = _id(body.get("enterprise")), _id(body.get("team"))
    user = body.get("user") or {}
    tenant = await _find_tenant(services, enterprise_id, team_id)
    home = team_id or (body.get("message") or {}).get("team") or enterprise_id
    team_of_user = str(user.get("team_id") or home)
    is_at_home = home == enterprise_id or team_of_user in (home, enterprise_id)
    if not is_at_home and not await _is_colleague(services, tenant, enterprise_id, team_of_user):
        raise NotFound("This card belongs to another workspace; only its members can answer it.")
    return Caller(tenant.tenant_id, str(user.get("id") or ""))


async def who_opened(body: Mapping[str, Any], services: SlackServices) -> Caller:
    """Name who opened something, by an event of Slack's. Raises NotFound where nobody installed the bot."""
    tenant = await _find_tenant(services, body.get("enterprise_id"), body.get("team_id"))
    return Caller(tenant.tenant_id, str((body.get("event") or {}).get("user") or ""))


async def _is_colleague(services: SlackServices, tenant: Tenant, enterprise_id: str | None, team_id: str) -> bool:
    """Whether this is a workspace of the organisation that installed the bot as a whole."""
    if tenant.team_id != enterprise_id:
        return False
    return await services.members.is_of_organisation(tenant.tenant_id, team_id)


def _id(named: Mapping[str, Any] | None) -> str | None:
    return named.get("id") if named else None


async def _find_tenant(services: SlackServices, enterprise_id: str | None, team_id: str | None) -> Tenant:
    """A workspace inside an organisation that installed the bot belongs to the organisation's tenant."""
    for slack_id in (enterprise_id, team_id):
        tenant = await services.teams.find_tenant(slack_id or "")
        if tenant is not None:
            return tenant
    raise NotFound("This workspace is not set up yet. Ask whoever runs dd0c/cost to install it here.")
