"""Which channel a card goes to, and where else when that one takes none."""

from collections.abc import Sequence

from engine.models.account import Tenant
from engine.models.anomaly import Severity

# In a simulated world of twelve accounts the detector raised some five cards a day: four times that is no usual day.
DEFAULT_BUDGET = 20
MOST_BUDGET = 1000
MOST_ROUTES = 100


def channel_of(tenant: Tenant, account_id: str, severity: Severity) -> str:
    """The channel of a new card: the route that says most about it, else the alert channel, else the installer.

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
    return routed or tenant.alert_channel_id or tenant.installer_user_id


def instead_of(tenant: Tenant, channel_id: str) -> str:
    """Where a card goes that this channel refused: from a route's to the alert channel, from there to the installer.

    Empty when nobody is left.

    >>> tenant = Tenant(tenant_id="t", team_id="T", team_name="a", alert_channel_id="C1", installer_user_id="U1")
    >>> instead_of(tenant, "C9"), instead_of(tenant, "C1"), instead_of(tenant, "U1")
    ('C1', 'U1', '')
    """
    if channel_id == tenant.installer_user_id:
        return ""
    if channel_id == tenant.alert_channel_id or not tenant.alert_channel_id:
        return tenant.installer_user_id
    return tenant.alert_channel_id


def budget_of(tenant: Tenant) -> int:
    """How many cards a channel of this tenant takes a day; 0 is any number.

    >>> budget_of(Tenant(tenant_id="t", team_id="T", team_name="a", alert_channel_id="C1"))
    20
    """
    return DEFAULT_BUDGET if tenant.alert_budget is None else tenant.alert_budget
