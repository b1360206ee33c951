"""The stage of one account: whoever acts on it leaves priced cost events behind, as AWS would deliver them."""

import random
from datetime import UTC, datetime, timedelta

import msgspec

from engine.models.cost_event import Actor, ActorKind, Change, CostEvent, UsageItem
from engine.pricing.estimate import Prices, estimate

EPOCH = datetime(2026, 1, 5, tzinfo=UTC)  # the Monday on which every account is connected
DAY = 24.0
WEEK = 7 * DAY
_NEVER_RECORDED = 0.06
_PARTIAL = 0.25
_FEW = 3
_TYPE_NAMES = {"nat": "nat_gateway", "lambda": "provisioned_concurrency", "fargate": "fargate"}
_SERVICES = {"nat": "ec2", "ebs": "ec2", "fargate": "ecs"}

Record = tuple[CostEvent, ...]


class Bill(msgspec.Struct, frozen=True):
    """What AWS charges for one launch, whether or not its end was ever recorded."""

    event_id: str
    service: str
    begin: datetime
    end: datetime
    usd_per_hour: float


class Incident(msgspec.Struct, kw_only=True):
    """Something a person should have been told of. ``burns`` are (from, until, USD an hour) of all it started."""

    kind: str
    account_id: str
    event_ids: set[str] = msgspec.field(default_factory=set)
    burns: list[tuple[datetime, datetime, float]] = msgspec.field(default_factory=list)

    @property
    def began_at(self) -> datetime:
        """When its first record came."""
        return min(begin for begin, _, _ in self.burns)

    @property
    def usd(self) -> float:
        """What it cost in all."""
        return self.usd_after(self.began_at)

    def usd_after(self, moment: datetime) -> float:
        """What it cost from a moment on: what could have been saved by telling somebody then."""
        return sum(
            rate * max(0.0, (end - max(begin, moment)).total_seconds() / 3600) for begin, end, rate in self.burns
        )


class Scene:
    """One account while it is being made up.

    Times are hours since the Monday it began, ``history`` days before it was connected; ``days`` are all it has.
    """

    def __init__(self, account_id: str, days: int, rng: random.Random, prices: Prices, *, history: int = 0) -> None:
        self.rng = rng
        self.history = history
        self.account_id = account_id
        self.days = days
        self.home = self.rng.choice(("us-east-1", "eu-west-1", "us-west-2", "eu-central-1"))
        self.incidents: list[Incident] = []
        self.bills: list[Bill] = []
        self.holidays: set[int] = set()
        self._prices = prices
        self._records: list[tuple[datetime, int, Record]] = []
        self._resources = 0

    def role(self, name: str) -> Actor:
        """A role: its sessions change their names, it does not."""
        return Actor(f"arn:aws:iam::{self.account_id}:role/{name}", ActorKind.ROLE, name)

    def person(self, name: str) -> Actor:
        """A person who signs in through IAM Identity Center."""
        role = f"arn:aws:iam::{self.account_id}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Dev_0a1b"
        return Actor(f"{role}/{name}@example.com", ActorKind.PERSON, f"{name}@example.com")

    def key_user(self, name: str) -> Actor:
        """An IAM user with a long-lived key."""
        return Actor(f"arn:aws:iam::{self.account_id}:user/{name}", ActorKind.PERSON, name)

    def service(self, name: str) -> Actor:
        """AWS acting by itself."""
        return Actor(f"service:{name}.amazonaws.com", ActorKind.AWS_SERVICE, name)

    def open_incident(self, kind: str) -> Incident:
        """Begin an incident; what is launched for it belongs to it."""
        incident = Incident(kind=kind, account_id=self.account_id)
        self.incidents.append(incident)
        return incident

    def launch(
        self,
        at: float,
        actor: Actor,
        sku: str,
        count: int = 1,
        *,
        hours: float | None = None,
        region: str | None = None,
        incident: Incident | None = None,
        janitor: Actor | None = None,
    ) -> None:
        """Start ``count`` of something and end it after ``hours``: mostly recorded, sometimes in pieces, or by another.

        A SKU with ``@N`` is one resource of N priced units. Without ``hours`` it runs on.
        """
        started = self._start(at, actor, sku, count, region or self.home)
        until = self.days * DAY if hours is None else min(at + hours, self.days * DAY)
        bill = Bill(started.event_id, started.service, self.time(at), self.time(until), started.hourly_cost or 0.0)
        self.bills.append(bill)
        if incident is not None:
            incident.event_ids.add(started.event_id)
            incident.burns.append((bill.begin, bill.end, bill.usd_per_hour))
        if hours is None or until >= self.days * DAY:
            return
        for moment, ids in self._endings(until, started.resource_ids):
            if incident is not None or self.rng.random() >= _NEVER_RECORDED:
                self._stop(moment, janitor or actor, started, ids)

    def _start(self, at: float, actor: Actor, sku: str, count: int, region: str) -> CostEvent:
        sku, _, amount = sku.partition("@")
        family, *rest = sku.split("/")
        self._resources += count
        ids = tuple(f"{self.account_id}-r{self._resources - n}" for n in range(count))
        event = CostEvent(
            event_id=f"{self.account_id}-e{len(self._records)}",
            account_id=self.account_id,
            event_name="Start",
            event_time=self.time(at),
            region=region,
            service=_SERVICES.get(family, family),
            resource_type=_TYPE_NAMES.get(family) or rest[min(1, len(rest) - 1) if family == "rds" else -1],
            resource_ids=ids,
            quantity=count,
            actor=actor,
            change=Change.START,
            usage=(UsageItem(sku, count * float(amount or 1)),),
        )
        if family == "ebs":
            event = msgspec.structs.replace(event, resource_type=rest[0])
        event = estimate(event, self._prices)
        self._records.append((event.event_time, len(self._records), (event,)))
        return event

    def _endings(self, until: float, ids: tuple[str, ...]) -> list[tuple[float, tuple[str, ...]]]:
        if len(ids) > _FEW and self.rng.random() < _PARTIAL:
            half = len(ids) // 2
            return [(until, ids[:half]), (until + self.rng.uniform(0.05, 1.0), ids[half:])]
        return [(until, ids)]

    def _stop(self, at: float, actor: Actor, started: CostEvent, ids: tuple[str, ...]) -> None:
        event = msgspec.structs.replace(
            started,
            event_id=f"{self.account_id}-e{len(self._records)}",
            event_name="Stop",
            event_time=self.time(at),
            actor=actor,
            change=Change.STOP,
            resource_ids=ids,
            quantity=len(ids),
            usage=(),
            hourly_cost=None,
            price_source=None,
        )
        self._records.append((event.event_time, len(self._records), (event,)))

    def time(self, at: float) -> datetime:
        """The moment ``at`` hours after the beginning, to the second, as CloudTrail has it."""
        return EPOCH + timedelta(seconds=round((at - self.history * DAY) * 3600))

    def records(self) -> list[Record]:
        """Everything that happened, in the order of its time."""
        return [record for _, _, record in sorted(self._records, key=lambda row: row[:2])]

    def at_work(self, day: int) -> float:
        """Some moment of a day in working hours."""
        return day * DAY + self.rng.triangular(8.0, 19.0, 13.0)

    def is_workday(self, day: int) -> bool:
        """Monday to Friday, but for holidays."""
        return day % 7 < 5 and day not in self.holidays

    def poisson(self, mean: float) -> int:
        """How many of something that happens ``mean`` times on average."""
        left, count = self.rng.expovariate(1.0), 0
        while left < mean:
            left += self.rng.expovariate(1.0)
            count += 1
        return count
