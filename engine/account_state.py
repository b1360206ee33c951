"""What must be known of an account to judge its next batch, and what a batch changed."""

from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping, Sequence, ValuesView
from datetime import datetime

import msgspec

from engine.baselines.model import Baseline
from engine.flags import NO_FLAGS, FlagSet
from engine.models.account import AwsAccount
from engine.models.anomaly import Anomaly
from engine.models.audit import AuditRecord
from engine.models.cost_event import CostEvent
from engine.models.resource import Resource, Running
from engine.models.verdict import Expectation, Snooze


class Anomalies(MutableMapping[str, Anomaly]):
    """Anomalies by id, and those of one actor at a look: every launch asks for them, and thousands may be open.

    >>> from engine.examples import incident, launch
    >>> found = Anomalies([incident(launch())])
    >>> len(found), len(found.of_actor("ci")), len(found.of_actor("maria"))
    (1, 1, 0)
    """

    def __init__(self, found: Iterable[Anomaly] = ()) -> None:
        self._by_id: dict[str, Anomaly] = {}
        self._by_actor: dict[str, dict[str, Anomaly]] = {}
        for one in found:
            self[one.anomaly_id] = one

    def of_actor(self, actor_key: str) -> Collection[Anomaly]:
        """Those of one actor, in the order in which they came."""
        return self._by_actor.get(actor_key, _NO_ANOMALIES).values()

    def __getitem__(self, anomaly_id: str) -> Anomaly:
        return self._by_id[anomaly_id]

    def __setitem__(self, anomaly_id: str, anomaly: Anomaly) -> None:
        self._by_id[anomaly_id] = anomaly
        self._by_actor.setdefault(anomaly.actor.key, {})[anomaly_id] = anomaly

    def __delitem__(self, anomaly_id: str) -> None:
        gone = self._by_id.pop(anomaly_id)
        others = self._by_actor[gone.actor.key]
        del others[anomaly_id]
        if not others:
            del self._by_actor[gone.actor.key]

    def values(self) -> ValuesView[Anomaly]:
        """All of them, in the order in which they came; without a look-up for each, which the mixin makes."""
        return self._by_id.values()

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)


_NO_ANOMALIES: dict[str, Anomaly] = {}


class AccountState(msgspec.Struct, kw_only=True):
    """The working copy one batch reads and changes, in memory only.

    ``resources`` holds at least those a batch names, by id; ``anomalies`` at least the recent ones and those that own a
    named resource, by id. ``namespace`` (the tenant id) keeps anomaly ids of two owners of one account apart.
    ``running_besides`` tells by type what runs that is not among ``resources``; only of types that somebody expects.
    In ``panic_mode`` (the tenant's) and in ``operator_panic`` (everybody's) nobody is told of anything.
    ``policy_strict`` says that the operator's policy makes the account strict.
    ``flags`` say which rules on trial hold for this batch.
    ``limits`` is a heap of the jobs seen since it was loaded: when each has ended at the latest, and its resource's id.
    """

    namespace: str
    account: AwsAccount
    baseline: Baseline
    resources: dict[str, Resource]
    anomalies: Anomalies
    expectations: Sequence[Expectation] = ()
    snoozes: Sequence[Snooze] = ()
    panic_mode: bool = False
    operator_panic: bool = False
    policy_strict: bool = False
    flags: FlagSet = NO_FLAGS
    running_besides: Mapping[str, Running] = {}
    limits: list[tuple[datetime, str]] = []


class Scored(msgspec.Struct, frozen=True, kw_only=True):
    """What scoring one cost event saw, for whoever traces it.

    ``z_score`` and the novelties are 0.0 where too little is known or nothing is new; ``baseline_days`` are days of
    history. ``in_safety_net`` says that the launch counts whatever the statistics say.
    """

    event: CostEvent
    score: float
    z_score: float
    instance_novelty: float
    actor_novelty: float
    baseline_days: float
    told: bool = False
    in_safety_net: bool = False


class Changes(msgspec.Struct, kw_only=True):
    """What one batch did; it is committed as a whole or not at all.

    ``joined`` names the CloudTrail event ids that joined each anomaly, by anomaly id: an anomaly itself keeps the first
    thousand, for it is one document. ``scored`` takes what scoring saw where somebody asks, and is None where nobody
    does. ``trace`` names the trace that all of it belongs to. ``records`` enter the audit log with it.
    """

    baseline: Baseline
    cost_events: list[CostEvent] = []
    resources: dict[str, Resource] = {}
    anomalies: dict[str, Anomaly] = {}
    joined: dict[str, list[str]] = {}
    scored: list[Scored] | None = None
    trace: str = ""
    records: Sequence[AuditRecord] = ()


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
