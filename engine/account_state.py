"""What must be known of an account to judge its next batch, and what a batch changed."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from engine.baselines.model import Baseline
from engine.models.account import AwsAccount
from engine.models.anomaly import Anomaly
from engine.models.cost_event import CostEvent
from engine.models.resource import Resource
from engine.models.verdict import Expectation, Snooze


class AccountState(msgspec.Struct, kw_only=True):
    """The working copy one batch reads and changes, in memory only.

    ``resources`` holds at least those a batch names, by id; ``anomalies`` at least the recent ones and those that own a
    named resource, by id. ``namespace`` (the tenant id) keeps anomaly ids of two owners of one account apart.
    ``limits`` is a heap of the jobs seen since it was loaded: when each has ended at the latest, and its resource's id.
    """

    namespace: str
    account: AwsAccount
    baseline: Baseline
    resources: dict[str, Resource]
    anomalies: dict[str, Anomaly]
    expectations: Sequence[Expectation] = ()
    snoozes: Sequence[Snooze] = ()
    panic_mode: bool = False
    limits: list[tuple[datetime, str]] = []


class Changes(msgspec.Struct, kw_only=True):
    """What one batch did; it is committed as a whole or not at all.

    ``joined`` names the CloudTrail event ids that joined each anomaly, by anomaly id: an anomaly itself keeps the first
    thousand, for it is one document.
    """

    baseline: Baseline
    cost_events: list[CostEvent] = []
    resources: dict[str, Resource] = {}
    anomalies: dict[str, Anomaly] = {}
    joined: dict[str, list[str]] = {}


def note_joined(anomaly: Anomaly, event_id: str, changes: Changes) -> None:
    """Write down that an event joined an anomaly.

    >>> from engine.examples import incident, launch, new_state
    >>> changes = Changes(baseline=new_state().baseline)
    >>> note_joined(incident(launch()), "e-1", changes)
    >>> list(changes.joined.values())
    [['e-1']]
    """
    changes.joined.setdefault(anomaly.anomaly_id, []).append(event_id)


class Loaded(msgspec.Struct, frozen=True):
    """An account's state with the version it was read at, and those of the resources asked for that are not stored."""

    state: AccountState
    version: int
    missing_resources: frozenset[str] = frozenset()
