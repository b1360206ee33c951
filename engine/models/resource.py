"""What runs now, as far as the records tell."""

from datetime import datetime

import msgspec

from engine.models.caution import Caution
from engine.models.cost_event import UsageItem


class Counted(msgspec.Struct, frozen=True, gc=False):
    """A part in the running gauges of one actor and type, in thousandths of USD an hour."""

    actor_key: str
    resource_type: str
    amount: int


class Resource(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A thing that costs money by the hour.

    ``resource_id`` is made unique within the account by ``resource_key``; ``anomaly_id`` names the incident it belongs
    to. ``hourly_cost`` is its own in USD, None where not known; ``usage`` is what that was priced from. A stopped
    resource is kept, because a later start names only its id. ``since`` is the start of the present run.
    ``usual_cost`` is what it cost before its incident made it dearer: no part of what that incident burns.
    ``stop_missed`` says that it was started again without a stop that we saw. ``ends_by`` is as in a CostEvent.
    ``counted`` is what the baseline's gauges hold of it: just that is taken off again when it ends.
    ``cautions`` is what the last record that told any said is to be known before stopping it.
    """

    resource_id: str
    account_id: str
    region: str
    service: str
    resource_type: str
    actor_key: str
    since: datetime
    hourly_cost: float | None
    usage: tuple[UsageItem, ...] = ()
    labels: tuple[str, ...] = ()
    running: bool = True
    stopped_at: datetime | None = None
    anomaly_id: str = ""
    usual_cost: float = 0.0
    stop_missed: bool = False
    ends_by: datetime | None = None
    counted: tuple[Counted, ...] = ()
    cautions: tuple[Caution, ...] = ()

    @property
    def burn_rate(self) -> float:
        """USD an hour by which its incident burns because of it; a price that is not known adds nothing."""
        return (self.hourly_cost or 0.0) - self.usual_cost if self.running else 0.0


class Running(msgspec.Struct, frozen=True):
    """How much of something runs, and its USD an hour as far as prices are known."""

    quantity: int = 0
    hourly_cost: float = 0.0


def resource_key(region: str, service: str, resource_id: str) -> str:
    """Make an id unique within an account: names of databases and functions repeat over Regions.

    >>> resource_key("eu-west-1", "rds", "orders")
    'eu-west-1/rds/orders'
    """
    return f"{region}/{service}/{resource_id}"


def waiting_key(region: str, service: str, copied: str) -> str:
    """The key of what is known of something's snapshots before it is known itself.

    >>> waiting_key("eu-west-1", "rds", "orders")
    'eu-west-1/rds/snapshots-of:orders'
    """
    return resource_key(region, service, f"snapshots-of:{copied}")


def plain_id(resource: Resource) -> str:
    """Give AWS's own id back; it may hold slashes itself.

    >>> from engine.examples import MONDAY
    >>> plain_id(Resource(resource_id="eu-west-1/rds/orders", account_id="1", region="eu-west-1", service="rds",
    ...     resource_type="db.r5.large", actor_key="ci", since=MONDAY, hourly_cost=None))
    'orders'
    """
    return resource.resource_id.split("/", 2)[2]
