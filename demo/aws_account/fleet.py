"""Which EC2 instances run, worked out from the records themselves."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

_TERMINATED_SHOWN_FOR = 3600.0
"""EC2 keeps showing a terminated instance for about an hour; seconds."""

_STATE_AFTER = {"StopInstances": "stopped", "TerminateInstances": "terminated", "StartInstances": "running"}
STATE_CODES = {"running": 16, "terminated": 48, "stopped": 80}


@dataclass(frozen=True, slots=True)
class Instance:
    """An EC2 instance; times are epoch seconds."""

    instance_id: str
    instance_type: str
    region: str
    availability_zone: str
    image_id: str
    launched_at: float
    state: str
    changed_at: float


@dataclass
class Fleet:
    """All instances of one account."""

    _instances: dict[str, Instance] = field(default_factory=dict)
    _terminated: deque[Instance] = field(default_factory=deque)

    def apply(self, record: dict[str, Any], at: float) -> None:
        """Let a successful EC2 record change what runs; others change nothing."""
        if record.get("eventSource") != "ec2.amazonaws.com" or record.get("errorCode"):
            return
        if record["eventName"] == "RunInstances":
            for item in _items(record.get("responseElements")):
                self._launch(item, record["awsRegion"], at)
        elif state := _STATE_AFTER.get(record["eventName"]):
            for item in _items(record.get("requestParameters")):
                self.change(item["instanceId"], state, at)

    def change(self, instance_id: str, state: str, at: float) -> None:
        """Put a known instance into another state, with or without a record of it."""
        if not (instance := self._instances.get(instance_id)) or instance.state == "terminated":
            return
        changed = replace(instance, state=state, changed_at=at)
        self._instances[instance_id] = changed
        if state == "terminated":
            self._terminated.append(changed)
            self._forget(at)

    def visible(self, region: str, now: float) -> Iterable[Instance]:
        """What DescribeInstances shows in a Region; what ended long ago is forgotten."""
        self._forget(now)
        return [one for one in self._instances.values() if one.region == region]

    def _forget(self, now: float) -> None:
        while self._terminated and self._terminated[0].changed_at < now - _TERMINATED_SHOWN_FOR:
            self._instances.pop(self._terminated.popleft().instance_id, None)

    def _launch(self, item: dict[str, Any], region: str, at: float) -> None:
        self._instances[item["instanceId"]] = Instance(
            instance_id=item["instanceId"],
            instance_type=item["instanceType"],
            region=region,
            availability_zone=item.get("placement", {}).get("availabilityZone", f"{region}a"),
            image_id=item.get("imageId", "ami-00000000000000000"),
            launched_at=at,
            state="running",
            changed_at=at,
        )


def _items(elements: dict[str, Any] | None) -> list[dict[str, Any]]:
    return list((elements or {}).get("instancesSet", {}).get("items", []))
