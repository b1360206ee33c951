"""What is set, as the settings page shows it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from blocks.anomaly_words import account as account_name
from blocks.plan import plan as plan_card
from blocks.routes import scope
from blocks.text import count
from blocks.unmarked import unmarked
from engine.models.account import GovernanceMode, Role, Tenant
from engine.models.api_key import ApiKey, Scope
from engine.models.billing import PlanReport
from engine.models.preferences import AccountSettings, SettingsReport
from engine.models.routing import RoutesReport
from engine.models.schedule import DigestRhythm, DigestSchedule
from engine.models.sensitivity import Sensitivity, SensitivityRule
from engine.roles import Deed, may
from handlers.web.site.words import Moment, Names, moment, person, shown

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
RHYTHMS = {DigestRhythm.DAILY: "every day", DigestRhythm.WEEKLY: "every week", DigestRhythm.OFF: "never"}
LIFETIMES = {"30": "30 days", "90": "90 days", "365": "a year", "": "no end"}
_SCOPES = {Scope.READ: "read", Scope.WRITE: "write"}
_MODES = {"strict": "only very expensive launches alert", "audit": "alerts as scored"}


class DigestBox(msgspec.Struct, frozen=True, kw_only=True):
    """When the digest comes, as the form has it."""

    rhythm: str
    at: str
    weekday: int
    zone: str
    rhythms: Mapping[str, str]
    weekdays: tuple[str, ...]


class AccountRow(msgspec.Struct, frozen=True, kw_only=True):
    """How readily one account alerts, with what differs from it."""

    account_id: str
    name: str
    mode: str
    sensitivity: str
    others: tuple[str, ...]


class RouteLine(msgspec.Struct, frozen=True, kw_only=True):
    """Which cards go to which channel; ``url`` leads there."""

    cards: str
    channel: str
    url: str
    is_lost: bool


class RoleRow(msgspec.Struct, frozen=True):
    """Somebody who has a role of their own."""

    name: str
    role: str
    why: str


class KeyRow(msgspec.Struct, frozen=True, kw_only=True):
    """An API key without its secret."""

    key_id: str
    name: str
    scopes: str
    made: Moment
    used: Moment | None
    ends: Moment | None
    state: str


class NewKey(msgspec.Struct, frozen=True):
    """A key that was just made: it is shown now, and never again."""

    key: str
    name: str


class SettingsView(msgspec.Struct, frozen=True, kw_only=True):
    """The whole page. ``seed`` names the next key, so that the form sent twice makes one."""

    news: str
    trouble: str
    may_change: bool
    may_set_roles: bool
    may_pay: bool
    routes: tuple[RouteLine, ...]
    budget: str
    digest: DigestBox
    accounts: tuple[AccountRow, ...]
    sensitivities: tuple[str, ...]
    roles: tuple[RoleRow, ...]
    role_choices: tuple[str, ...]
    keys: tuple[KeyRow, ...]
    new_key: NewKey | None
    seed: str
    lifetimes: Mapping[str, str]
    plan: str


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """All that the page is about."""

    tenant: Tenant
    preferences: SettingsReport
    routes: RoutesReport
    keys: Sequence[ApiKey]
    plan: PlanReport
    names: Names


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a form that was just sent."""

    news: str = ""
    trouble: str = ""
    new_key: NewKey | None = None


def settings_view(known: Known, role: Role, seed: str, outcome: Outcome, now: datetime) -> SettingsView:
    """Show what is set; forms only to who may change it."""
    may_change = may(role, Deed.CHANGE_SETTINGS)
    return SettingsView(
        news=outcome.news,
        trouble=outcome.trouble,
        may_change=may_change,
        may_set_roles=may(role, Deed.SET_ROLES),
        may_pay=may(role, Deed.MANAGE_PLAN) and known.plan.billed,
        routes=_routes(known.tenant, known.routes),
        budget=_budget(known.routes),
        digest=_digest(known.tenant.digest),
        accounts=tuple(_account(one) for one in known.preferences.accounts),
        sensitivities=tuple(Sensitivity),
        roles=_roles(known.tenant, known.names),
        role_choices=tuple(Role),
        keys=tuple(_key(one, now) for one in known.keys) if may_change else (),
        new_key=outcome.new_key,
        seed=seed,
        lifetimes=LIFETIMES,
        plan=unmarked(plan_card(known.plan).text),
    )


def _budget(report: RoutesReport) -> str:
    if not report.alert_budget:
        return "Any number of cards a day"
    cards = count(report.alert_budget, "card")
    return f"At most {cards} a day in each channel, and more only for what is very expensive"


def _routes(tenant: Tenant, report: RoutesReport) -> tuple[RouteLine, ...]:
    lines = [_route(tenant, unmarked(scope(row)), row.route.channel_id, is_lost=row.is_lost) for row in report.rows]
    rest = "all other cards" if lines else "all cards"
    return (*lines, _route(tenant, rest, report.alert_channel_id, is_lost=report.is_default_lost))


def _route(tenant: Tenant, cards: str, channel_id: str, *, is_lost: bool) -> RouteLine:
    if not channel_id:
        return RouteLine(cards=cards, channel="a direct message to who installed dd0c", url="", is_lost=is_lost)
    where = shown(channel_id)
    plain = where.isascii() and where.isalnum() and tenant.team_id.isalnum()
    url = f"https://slack.com/app_redirect?team={tenant.team_id}&channel={where}" if plain else ""
    return RouteLine(cards=cards, channel=where, url=url, is_lost=is_lost)


def _digest(schedule: DigestSchedule) -> DigestBox:
    return DigestBox(
        rhythm=schedule.rhythm.value,
        at=f"{schedule.at:%H:%M}",
        weekday=schedule.weekday % len(WEEKDAYS),
        zone=shown(schedule.zone),
        rhythms={one.value: words for one, words in RHYTHMS.items()},
        weekdays=WEEKDAYS,
    )


def _account(account: AccountSettings) -> AccountRow:
    whole = [one for one in account.sensitivities if not (one.service or one.resource_type)]
    return AccountRow(
        account_id=account.account_id,
        name=unmarked(account_name(account.name, account.account_id)),
        mode=_mode(account),
        sensitivity=(whole[0].level if whole else Sensitivity.MEDIUM).value,
        others=tuple(_rule(one) for one in account.sensitivities if one not in whole),
    )


def _mode(account: AccountSettings) -> str:
    """The mode that holds, and who made it so strict; a person is named by their id, as Slack has it."""
    is_chosen = bool(account.mode_set_by) and account.mode is GovernanceMode.STRICT
    words = "nobody is told of anything" if is_chosen else _MODES[account.mode.value]
    by = f", chosen by {shown(account.mode_set_by)}" if account.mode_set_by else ""
    policy = ", set by the operator's policy" if account.mode_by_policy else ""
    return f"{account.mode.value}: {words}{by}{policy}"


def _rule(rule: SensitivityRule) -> str:
    return f"{rule.level.value} for {' of '.join(shown(one) for one in (rule.resource_type, rule.service) if one)}"


def _roles(tenant: Tenant, names: Names) -> tuple[RoleRow, ...]:
    installer = tenant.installer_user_id
    first = [RoleRow(person(installer, names), Role.ADMIN.value, "installed dd0c")] if installer else []
    given = [
        RoleRow(person(user_id, names), role.value, "set by an admin")
        for user_id, role in tenant.roles.items()
        if user_id != installer
    ]
    return (*first, *given)


def _key(key: ApiKey, now: datetime) -> KeyRow:
    return KeyRow(
        key_id=key.key_id,
        name=shown(key.name),
        scopes=", ".join(_SCOPES[one] for one in key.scopes),
        made=moment(key.created_at, now),
        used=moment(key.last_used_at, now) if key.last_used_at else None,
        ends=moment(key.expires_at, now) if key.expires_at else None,
        state="" if key.is_valid(now) else ("revoked" if key.revoked_at else "expired"),
    )
