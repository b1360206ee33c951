"""What an account's CloudTrail says: builds that come and go, deploys, and five times as much that costs nothing."""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from demo.aws_account.identities import Actor, assumed_role
from demo.aws_account.records import (
    Record,
    Scene,
    Writer,
    authorize_security_group_ingress,
    create_log_stream,
    create_tags,
    create_volume,
    instance_ids,
    put_parameter,
    put_role_policy,
    run_instances,
    terminate_instances,
)

IRRELEVANT_PER_RELEVANT = 5
_BEGINS = datetime(2026, 3, 2, 6, tzinfo=UTC)
_BETWEEN = timedelta(seconds=10)
_TYPES = ("c5.xlarge", "c5.2xlarge", "m5.large", "m5.xlarge", "r5.large")
_REGIONS = ("us-east-1", "eu-west-1", "us-west-2")
_ROLES = ("ci-runner", "deploy", "data-batch", "nightly", "integration")
_MOST_RUNNING = 40
_SHARE_OF_VOLUMES = 0.1

_Maker = Callable[[Scene], Record]
_IRRELEVANT: Sequence[_Maker] = (
    lambda scene: create_log_stream(scene, "/aws/codebuild/app"),
    lambda scene: put_parameter(scene, "/app/release"),
    lambda scene: create_tags(scene, scene.writer.resource_id("i"), "team", "platform"),
    lambda scene: put_role_policy(scene, "app"),
    authorize_security_group_ingress,
)


class Traffic(msgspec.Struct, frozen=True):
    """One account's raw records in the order of their times: those of its past, and from ``since`` on those of now."""

    account_id: str
    since: datetime
    past: list[bytes]
    now: list[bytes]


def traffic(account_id: str, past: int, now: int) -> Traffic:
    """Tell of so many records that change cost in the past, and so many now, those with five each that do not."""
    story = _Story(account_id)
    learned = [_raw(story.relevant()) for _ in range(past)]
    return Traffic(account_id, story.at, learned, [_raw(record) for _ in range(now) for record in story.next_six()])


def noise(account_id: str, count: int) -> list[bytes]:
    """Raw records that say nothing of cost."""
    story = _Story(account_id)
    return [_raw(story.irrelevant()) for _ in range(count)]


def _raw(record: Record) -> bytes:
    return msgspec.json.encode(record)


class _Story:
    """One account while time goes on; the same account id always tells the same story."""

    def __init__(self, account_id: str) -> None:
        self._rng = random.Random(account_id)  # noqa: S311 - made-up traffic needs repeatable chance, not secrets
        self._writer = Writer(account_id, self._rng)
        self._account_id = account_id
        self.at = _BEGINS
        self._running: list[Record] = []

    def next_six(self) -> Iterator[Record]:
        yield self.relevant()
        for _ in range(IRRELEVANT_PER_RELEVANT):
            yield self.irrelevant()

    def irrelevant(self) -> Record:
        return self._rng.choice(_IRRELEVANT)(self._scene(self._rng.choice(_ROLES)))

    def relevant(self) -> Record:
        if self._rng.random() < _SHARE_OF_VOLUMES:
            return create_volume(self._scene(self._rng.choice(_ROLES)), self._rng.choice((20, 50, 100)))
        if self._running and self._rng.random() < len(self._running) / _MOST_RUNNING:
            return self._end(self._running.pop(0))
        role = self._rng.choice(_ROLES)
        count = self._rng.choice((1, 1, 1, 1, 2, 4))
        self._running.append(run_instances(self._scene(role), self._rng.choice(_TYPES), count))
        return self._running[-1]

    def _end(self, launched: Record) -> Record:
        role = launched["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"]
        return terminate_instances(self._scene(role, launched["awsRegion"]), instance_ids(launched))

    def _scene(self, role: str, region: str | None = None) -> Scene:
        self.at += _BETWEEN
        return self._writer.scene(self._actor(role), self.at, region or self._rng.choice(_REGIONS))

    def _actor(self, role: str) -> Actor:
        session = f"run-{self.at:%H%M%S}"
        return assumed_role(self._account_id, role, session, source_ip="198.51.100.10", user_agent="Boto3/1.35.40")
