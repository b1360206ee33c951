"""A CloudTrail record, or a part of one, that changes cost."""

from datetime import datetime
from enum import StrEnum

import msgspec

from engine.models.caution import Caution

COMMITMENT = "commitment"


class ActorKind(StrEnum):
    """What kind of identity made the call."""

    PERSON = "person"
    ROLE = "role"
    AUTOMATION = "automation"
    AWS_SERVICE = "aws_service"
    ROOT = "root"
    FOREIGN_ACCOUNT = "foreign_account"
    UNKNOWN = "unknown"


class Actor(msgspec.Struct, frozen=True, gc=False):
    """Who did it. ``key`` is stable over sessions; ``name`` is what a person reads."""

    key: str
    kind: ActorKind
    name: str


class Change(StrEnum):
    """What the record does to the running cost."""

    START = "start"
    STOP = "stop"
    MODIFY = "modify"


class UsageItem(msgspec.Struct, frozen=True, gc=False):
    """How much of one priced thing runs: ``("ec2/m5.large", 3)``, ``("rds/storage/gp3/gb", 200)``."""

    sku: str
    amount: float


class CostEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One change of cost. ``(account_id, event_id, part)`` names it for ever.

    ``usage`` and ``hourly_cost`` speak of all the resources of this part together. ``hourly_cost`` is list (on-demand)
    USD per hour and None where the price is not known: an unknown price is never zero. ``labels`` says what the list
    price does not reflect or a person should know ("spot", "windows", "dedicated", "multi-az").

    A purchase for a term is a commitment: it has no hourly cost, and ``upfront_cost`` is what it binds in USD, paid at
    once or over the term; None where the record does not tell. ``group`` names the Auto Scaling group that launched.
    ``cautions`` is what to know before stopping it. ``ends_by`` is when a job has ended at the latest, for no record
    tells its end; None for what must be stopped.
    """

    event_id: str
    part: int = 0
    account_id: str
    event_name: str
    event_time: datetime
    region: str
    service: str
    resource_type: str
    resource_ids: tuple[str, ...]
    quantity: int
    actor: Actor
    change: Change
    usage: tuple[UsageItem, ...] = ()
    labels: tuple[str, ...] = ()
    source_ip: str = ""
    hourly_cost: float | None = None
    price_source: str | None = None
    upfront_cost: float | None = None
    group: str = ""
    ends_by: datetime | None = None
    cautions: tuple[Caution, ...] = ()

    @property
    def is_commitment(self) -> bool:
        """Whether this is a purchase that cannot be given back."""
        return COMMITMENT in self.labels
