"""One simulated AWS account: its role, its Regions, its records, and what it refuses."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from demo.aws_account.bill import Bill
from demo.aws_account.estate import Estate
from demo.aws_account.fleet import Fleet
from demo.aws_account.history import RegionHistory, store_form
from demo.aws_account.records import Record
from demo.aws_account.throttle import Clock


def epoch(event_time: str) -> float:
    """Epoch seconds of a record's `eventTime`.

    >>> epoch("1970-01-01T00:01:00Z")
    60.0
    """
    return datetime.fromisoformat(event_time).timestamp()


@dataclass
class AwsAccount:
    """A customer's account, with the one role that lets the bot in.

    Create it with `AwsSimulator.add_account`. `external_id=None` means a role whose trust asks for none.
    """

    account_id: str
    regions: tuple[str, ...]
    role_name: str
    external_id: str | None
    trusted_account: str
    alias: str | None
    clock: Clock
    delivery_delay: Callable[[], float]
    max_records: int
    role_exists: bool = True
    fleet: Fleet = field(default_factory=Fleet)
    denied: set[str] = field(default_factory=set)
    bill: Bill = field(default_factory=Bill)
    estate: Estate = field(default_factory=Estate)
    session_generation: int = 0
    _histories: dict[str, RegionHistory] = field(default_factory=dict)
    _sequence: Iterator[int] = field(default_factory=itertools.count)

    @property
    def role_arn(self) -> str:
        """The role to assume."""
        return f"arn:aws:iam::{self.account_id}:role/{self.role_name}"

    def record(self, record: Record, visible_after: float | None = None, copies: int = 1) -> None:
        """Let something have happened.

        LookupEvents shows the record from `eventTime` plus `visible_after` seconds on (the simulator's
        `delivery_delay` if None), `copies` times under one event id.
        """
        event_time = epoch(record["eventTime"])
        delay = self.delivery_delay() if visible_after is None else visible_after
        history = self.history(record["awsRegion"])
        for _ in range(copies):
            history.insert(store_form(record, event_time, next(self._sequence), event_time + delay))
        self.fleet.apply(record, event_time)

    def history(self, region: str) -> RegionHistory:
        """The records of one Region."""
        return self._histories.setdefault(region, RegionHistory(self.max_records))

    def replace_history(self, region: str, history: RegionHistory) -> None:
        """Let a Region have another past, such as one too long to be kept."""
        self._histories[region] = history

    def end_silently(self, instance_id: str) -> None:
        """Terminate an instance without leaving a record, as a spot reclaim may."""
        self.fleet.change(instance_id, "terminated", self.clock())

    def revoke_role(self) -> None:
        """Delete the role: nobody can assume it, and sessions made before may do nothing."""
        self.role_exists = False

    def restore_role(self, external_id: str | None) -> None:
        """Create the role again, with the external id its trust asks for."""
        self.role_exists = True
        self.external_id = external_id

    def deny(self, action: str) -> None:
        """Take one permission from the role, such as `cloudtrail:LookupEvents`."""
        self.denied.add(action)

    def allow(self, action: str) -> None:
        """Give a permission back."""
        self.denied.discard(action)

    def expire_sessions(self) -> None:
        """Let every session issued until now be over."""
        self.session_generation += 1
