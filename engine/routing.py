"""Which channel a card goes to, and where else when that one takes none."""

from collections.abc import Sequence

from engine.models.account import Role, Tenant
from engine.models.anomaly import Severity

# In a simulated world of twelve accounts the detector raised some five cards a day: four times that is no usual day.
DEFAULT_BUDGET = 20
MOST_BUDGET = 1000
MOST_ROUTES = 100
_MOST_PEOPLE = 5


def channel_of(tenant: Tenant, account_id: str, severity: Severity) -> str:
    """The channel of a new card: the route that says most about it, else the alert channel, else who administers.

    A route for its account and its severity counts more than one for its account, and that more than one for its
    severity: whoever owns an account is to see its cards.

    >>> from engine.models.routing import Route
    >>> tenant = Tenant(tenant_id="t", team_id="T", team_name="a", alert_channel_id="C1", routes=(
    ...     Route(channel_id="C2", severity=Severity.CRITICAL), Route(channel_id="C3", account_id="123456789012")))
    >>> [channel_of(tenant, one, Severity.CRITICAL) for one in ("123456789012", "210987654321")]
    ['C3', 'C2']
    >>> channel_of(tenant, "210987654321", Severity.WARNING)
    'C1'
    """
    by_case = {one.case: one.channel_id for one in tenant.routes}
    cases: Sequence[tuple[str, Severity | None]] = ((account_id, severity), (account_id, None), ("", severity))
    routed = next((by_case[case] for case in cases if case in by_case), "")
    return routed or home_channel(tenant)


def people_of(tenant: Tenant) -> tuple[str, ...]:
    """Who is told of what concerns the installation, first of all who installed the app, then its other admins.

    >>> from engine.models.account import Role
    >>> roles = {"U2": Role.ADMIN, "U3": Role.VIEWER}
    >>> named = Tenant(tenant_id="t", team_id="T", team_name="a", alert_channel_id="C1", roles=roles)
    >>> people_of(named)
    ('U2',)
    """
    admins = sorted(who for who, role in tenant.roles.items() if role is Role.ADMIN)
    return tuple(dict.fromkeys(filter(None, (tenant.installer_user_id, *admins))))[:_MOST_PEOPLE]


def home_channel(tenant: Tenant) -> str:
    """Where everything goes that has no route; empty where nobody is known.

    >>> home_channel(Tenant(tenant_id="t", team_id="T", team_name="a", alert_channel_id="", installer_user_id="U1"))
    'U1'
    """
    return tenant.alert_channel_id or next(iter(people_of(tenant)), "")


def reached_instead(tenant: Tenant) -> str:
    """Who gets the cards while the alert channel takes none; empty where nobody is known who does.

    >>> reached_instead(Tenant(tenant_id="t", team_id="T", team_name="a", alert_channel_id="C1"))
    ''
    """
    return next((one for one in people_of(tenant) if one not in tenant.lost_channel_ids), "")


def instead_of(tenant: Tenant, channel_id: str) -> str:
    """Where a card goes that this channel refused: from a route's to the alert channel, from there to people.

    Those are who installed the app and its other admins, one after the other. Empty when nobody is left.

    >>> tenant = Tenant(tenant_id="t", team_id="T", team_name="a", alert_channel_id="C1", installer_user_id="U1")
    >>> instead_of(tenant, "C9"), instead_of(tenant, "C1"), instead_of(tenant, "U1")
    ('C1', 'U1', '')
    """
    people = people_of(tenant)
    if channel_id in people:
        return next(iter(people[people.index(channel_id) + 1 :]), "")
    if channel_id == tenant.alert_channel_id or not tenant.alert_channel_id:
        return next(iter(people), "")
    return tenant.alert_channel_id


def budget_of(tenant: Tenant) -> int:
    """How many cards a channel of this tenant takes a day; 0 is any number.

    >>> budget_of(Tenant(tenant_id="t", team_id="T", team_name="a", alert_channel_id="C1"))
    20
    """
    return DEFAULT_BUDGET if tenant.alert_budget is None else tenant.alert_budget
