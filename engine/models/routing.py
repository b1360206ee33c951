"""Which channel takes which cards."""

import msgspec

from engine.models.anomaly import Severity


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """Cards of one account, of one severity, or of both, go to this channel. An empty account and None mean any."""

    channel_id: str
    account_id: str = ""
    severity: Severity | None = None

    @property
    def case(self) -> tuple[str, Severity | None]:
        """What it is about; of one case there is one route."""
        return self.account_id, self.severity


class RouteRow(msgspec.Struct, frozen=True, kw_only=True):
    """A route as it is listed. ``is_lost`` says that its channel took no card the last time."""

    route: Route
    account_name: str = ""
    is_lost: bool = False


class RoutesReport(msgspec.Struct, frozen=True, kw_only=True):
    """Where a tenant's cards go.

    ``accounts`` are (id, name) of those that can be chosen; ``alert_budget`` is how many cards a channel takes a day,
    0 any number; ``changed`` is the route that was just set, ``removed`` one that was taken away.
    """

    alert_channel_id: str
    installer_user_id: str
    alert_budget: int
    rows: tuple[RouteRow, ...] = ()
    accounts: tuple[tuple[str, str], ...] = ()
    is_default_lost: bool = False
    changed: RouteRow | None = None
    removed: RouteRow | None = None
