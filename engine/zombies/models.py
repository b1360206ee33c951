"""What the zombie hunter looks at, and what it finds."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

import msgspec

from engine.models.cost_event import UsageItem

Dimensions = tuple[tuple[str, str], ...]
"""Names and values by which CloudWatch knows one thing."""


class Confidence(StrEnum):
    """How sure a rule is that nobody needs it."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """A resource as AWS describes it, cut down to what the rules ask.

    Attributes:
        kind: which rules are for it, such as ``volume``.
        resource_id: as AWS's commands take it.
        arn: under which its tags are found, where AWS does not tell them with it.
        known_as: its id in our own creation records, with its service.
        created_at: None where AWS does not say.
        changed_at: since when it is in its present state, where AWS says.
        usage: what it is priced from; empty where no price is known for it.
        traits: what is true of it, such as ``attached``; of what is ``changing`` nothing can be said just now.
        numbers: what is counted of it.
        dimensions: by which CloudWatch knows it; several where its metrics are kept for its parts.
    """

    kind: str
    region: str
    resource_id: str
    name: str = ""
    arn: str = ""
    known_as: tuple[str, str] = ("", "")
    created_at: Moment | None = None
    changed_at: Moment | None = None
    usage: tuple[UsageItem, ...] = ()
    traits: frozenset[str] = frozenset()
    numbers: Mapping[str, float] = {}
    words: Mapping[str, str] = {}
    tags: Mapping[str, str] = {}
    dimensions: tuple[Dimensions, ...] = ()

    def age_days(self, now: datetime) -> float | None:
        """How old it is, None where AWS does not say."""
        return None if self.created_at is None else (now - self.created_at) / timedelta(days=1)

    def days_in_state(self, now: datetime) -> float | None:
        """How long it is as it is, at least; None where nothing says when that began."""
        since = self.changed_at or self.created_at
        return None if since is None else (now - since) / timedelta(days=1)


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """A metric that a rule reads, one value a day.

    ``is_sparse`` says that CloudWatch has no value where nothing happened, so that none means zero; of other metrics
    none means that nothing is known. Values of several ``dimensions`` of a resource are added up.
    """

    name: str
    namespace: str
    metric: str
    statistic: str
    is_sparse: bool = False
    quiet: str = ""
    """The threshold up to which a value is no use; empty for 0."""


class Series(msgspec.Struct, frozen=True):
    """Values of a metric by day, the last 24 hours first; None where CloudWatch has none."""

    values: tuple[float | None, ...]

    def known(self, days: int) -> tuple[float, ...]:
        """The values of the last days, without those that are missing.

        >>> Series((1.0, None, 3.0, 4.0)).known(3)
        (1.0, 3.0)
        """
        return tuple(value for value in self.values[:days] if value is not None)

    def quiet_days(self, most: float, *, is_sparse: bool = False) -> int:
        """For how many days up to now no value was above ``most``; a day that is missing ends it, unless sparse.

        >>> Series((0.0, 0.0, None, 0.0)).quiet_days(0), Series((0.0, None, 0.0, 9.0)).quiet_days(0, is_sparse=True)
        (2, 3)
        """
        days = 0
        for value in self.values:
            if (value is None and not is_sparse) or (value is not None and value > most):
                break
            days += 1
        return days


class Idle(msgspec.Struct, frozen=True, kw_only=True):
    """A rule's answer: why it thinks so, in sentences with numbers.

    ``since`` is None where only its whole life is known. ``usage`` is what would be saved where that is not everything.
    ``filling`` is what the rule's commands say besides what is described.
    """

    evidence: tuple[str, ...]
    confidence: Confidence
    since: datetime | None = None
    usage: tuple[UsageItem, ...] | None = None
    filling: Mapping[str, str] = {}


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Resources of one kind of service in one Region, with their metrics by resource id and need."""

    region: str
    family: str
    resources: tuple[Described, ...]
    series: Mapping[str, Mapping[str, Series]] = {}


class Covered(msgspec.Struct, frozen=True):
    """A family of resources in a Region that was looked at whole: what was not in its batches is not there."""

    region: str
    family: str


class Trouble(msgspec.Struct, frozen=True):
    """A family of resources in a Region that could not be looked at, or not whole, and why in words."""

    region: str
    family: str
    error: str


class Owner(msgspec.Struct, frozen=True):
    """Whose it is, and how that is known: from who created it, or from a tag."""

    name: str
    source: str
    actor_key: str = ""


class VerdictKind(StrEnum):
    """What people say of a finding."""

    KEEP = "keep"
    DELETE_PLANNED = "delete_planned"
    NOT_IDLE = "not_idle"


class ZombieVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """Who said what of a finding. ``until`` is the last moment of ``keep``."""

    kind: VerdictKind
    by: str
    at: datetime
    reason: str = ""
    until: datetime | None = None


class FindingStatus(StrEnum):
    """Where a finding stands: open, closed because the resource is gone, or because it is used again.

    What was changed as somebody planned is gone, too: what it cost too much is saved.
    """

    OPEN = "open"
    GONE = "gone"
    USED = "used"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One idle resource. Costs are list USD a month, None where no price is known: never 0 for unknown.

    ``threshold`` says what it was found at, in words. ``commands`` are in the order to try them, what can be taken back
    first. ``found_at`` is when it was found first, ``seen_at`` when a scan saw it last.
    """

    finding_id: str
    account_id: str
    rule: str
    kind: str
    family: str = ""
    region: str
    resource_id: str
    name: str = ""
    tags: Mapping[str, str] = {}
    owner: Owner | None = None
    idle_since: datetime | None = None
    created_at: datetime | None = None
    evidence: tuple[str, ...]
    confidence: Confidence
    threshold: str = ""
    monthly_cost: float | None
    price_source: str | None = None
    commands: tuple[str, ...] = ()
    found_at: datetime
    seen_at: datetime
    status: FindingStatus = FindingStatus.OPEN
    closed_at: datetime | None = None
    verdict: ZombieVerdict | None = None


class KnownFinding(msgspec.Struct, frozen=True):
    """As much of a stored finding as tells whether its resource is still there, or was changed as somebody planned."""

    finding_id: str
    family: str
    kind: str
    region: str
    resource_id: str
    rule: str = ""
    verdict: ZombieVerdict | None = None


class Rest(msgspec.Struct, frozen=True):
    """What was found besides the dearest: too many of one rule in one Region are only counted."""

    rule: str
    region: str
    count: int
    monthly_cost: float


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """When an account was looked at last, and what could not be seen.

    ``ended_at`` is when that was last done: before ``began_at`` while it is looked at again, and None the first time.
    ``error`` says why the look that began last came to nothing.
    """

    account_id: str
    began_at: datetime
    ended_at: datetime | None = None
    error: str = ""
    resources: int = 0
    troubles: tuple[Trouble, ...] = ()
    rest: tuple[Rest, ...] = ()

    @property
    def is_under_way(self) -> bool:
        """Whether somebody looks now, or died while looking."""
        return not self.error and (self.ended_at is None or self.ended_at < self.began_at)


class Totals(msgspec.Struct, frozen=True):
    """How many there are and their USD a month, as far as prices are known; of ``unpriced`` none is."""

    count: int = 0
    monthly_cost: float = 0.0
    unpriced: int = 0
