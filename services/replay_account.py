"""One AWS account in a replay: what the database would hold of it, in memory."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime, timedelta
from itertools import islice

import msgspec

from engine.account_state import AccountState, Anomalies
from engine.baselines.lifetimes import overdue
from engine.baselines.model import Baseline
from engine.flags import NO_FLAGS, FlagSet
from engine.incidents import is_led_by
from engine.models.account import AccountStatus, AwsAccount, GovernanceMode
from engine.models.anomaly import Anomaly
from engine.models.cost_event import Change, CostEvent
from engine.models.precursor import Precursor
from engine.models.resource import resource_key
from engine.pipeline import advance, learn_history, start_changes
from engine.precursors import note_precursor
from engine.pricing.estimate import Prices
from engine.scoring.thresholds import CREEP_GROUP_MINUTES, GROUP_MINUTES

_NAMESPACE = "replay"
_JOINABLE = timedelta(minutes=3 * GROUP_MINUTES)
_CREEPING = timedelta(minutes=CREEP_GROUP_MINUTES)
_SWEEP_EVERY = timedelta(minutes=GROUP_MINUTES)
_MOST_RESOURCES = 100_000
_MOST_PARKED = 10_000
_MOST_JOINED = 250_000
_MOST_GONE = 1_000
_RESTARTABLE = "Stop"


class JoinedEvents:
    """All event ids that joined an account's anomalies, where the anomaly keeps only the first thousand.

    When ``most`` ids are remembered for anomalies that are not final yet, later ones are left out.
    """

    def __init__(self, most: int = _MOST_JOINED) -> None:
        self._left = most
        self._ids: dict[str, dict[str, None]] = {}

    def note(self, joined: Mapping[str, Sequence[str]]) -> None:
        """Remember what joined in a batch, each id once."""
        for anomaly_id, event_ids in joined.items():
            known = self._ids.setdefault(anomaly_id, {})
            before = len(known)
            known.update(dict.fromkeys(event_ids[: self._left]))
            self._left -= len(known) - before

    def complete(self, anomaly: Anomaly) -> Anomaly:
        """Give a final anomaly with all that joined it, and forget them."""
        known = self._ids.pop(anomaly.anomaly_id, {})
        self._left += len(known)
        if len(known) <= len(anomaly.event_ids):
            return anomaly
        return msgspec.structs.replace(anomaly, event_ids=tuple(known))


class ReplayAccount:
    """Judges records as an account in audit mode that nobody has labelled anything in.

    Incidents that nothing can join any more leave the state, so that judging stays fast: they are parked while
    something of theirs still runs (its stop belongs to them), and given to the caller when nothing does.
    """

    def __init__(self, account_id: str, first_time: datetime, prices: Prices, flags: FlagSet = NO_FLAGS) -> None:
        self._prices = prices
        self._parked: dict[str, Anomaly] = {}
        self._joined = JoinedEvents()
        self._gone: deque[str] = deque()
        self._sweep_at = first_time + _SWEEP_EVERY
        self._state = new_state(account_id, first_time)
        self._state.flags = flags

    def learn(self, history: Iterable[Sequence[CostEvent]]) -> None:
        """Take in what happened before, as when an account is connected: all is learned, nothing alerts."""
        learn_history(history, self._state, self._prices)

    @property
    def known_ids(self) -> Set[str]:
        """The keys of the resources that are remembered."""
        return self._state.resources.keys()

    def advance(self, record: Sequence[CostEvent]) -> tuple[list[CostEvent], list[Anomaly]]:
        """Judge one record's cost events; give them priced, and the anomalies that have become final."""
        if self._parked:
            self._recall(record)
        changes = start_changes(self._state)
        advance(record, self._state, changes, self._prices)
        if changes.joined:
            self._joined.note(changes.joined)
        self._forget_gone(record)
        now = record[0].event_time
        return changes.cost_events, self._sweep(now) if now >= self._sweep_at else []

    def note(self, precursor: Precursor) -> None:
        """Remember what came before something that costs, perhaps."""
        changes = start_changes(self._state)
        note_precursor(precursor, self._state, changes)
        self._joined.note(changes.joined)

    def close(self) -> list[Anomaly]:
        """Give all anomalies that are left, by the time they were detected."""
        left = [*self._parked.values(), *self._state.anomalies.values()]
        self._parked.clear()
        self._state.anomalies.clear()
        return [self._joined.complete(one) for one in sorted(left, key=lambda anomaly: anomaly.detected_at)]

    def _recall(self, record: Sequence[CostEvent]) -> None:
        """Bring back the incidents whose resources the record stops, or should have been stopped by now."""
        for event in record:
            if event.change is Change.STOP:
                self._recall_owners(event)
        for watched in overdue(self._state.baseline, record[0].event_time):
            self._recall_owners(watched.event)

    def _recall_owners(self, event: CostEvent) -> None:
        for resource_id in event.resource_ids:
            known = self._state.resources.get(resource_key(event.region, event.service, resource_id))
            if known is not None and known.anomaly_id in self._parked:
                self._state.anomalies[known.anomaly_id] = self._parked.pop(known.anomaly_id)

    def _sweep(self, now: datetime) -> list[Anomaly]:
        """Once an hour of the records' time, clear out what is over."""
        self._sweep_at = now + _SWEEP_EVERY
        final = []
        past = [one for one in self._state.anomalies.values() if _is_past(one, now)] if self._state.anomalies else ()
        for anomaly in past:
            del self._state.anomalies[anomaly.anomaly_id]
            if anomaly.ended_at is None:
                self._parked[anomaly.anomaly_id] = anomaly
            else:
                final.append(anomaly)
        while len(self._parked) > _MOST_PARKED:
            final.append(self._parked.pop(next(iter(self._parked))))
        self._forget_resources()
        return [self._joined.complete(one) for one in final]

    def _forget_gone(self, record: Sequence[CostEvent]) -> None:
        """Of what was deleted only the latest is kept, for starts that come late; what was stopped may start again."""
        for event in record:
            if event.change is Change.STOP and not event.event_name.startswith(_RESTARTABLE):
                self._gone.extend([resource_key(event.region, event.service, one) for one in event.resource_ids])
        while len(self._gone) > _MOST_GONE:
            key = self._gone.popleft()
            known = self._state.resources.get(key)
            if known is not None and not known.running:
                del self._state.resources[key]

    def _forget_resources(self) -> None:
        """Keep memory bounded: the resources seen first go first."""
        excess = max(0, len(self._state.resources) - _MOST_RESOURCES)
        for key in list(islice(self._state.resources, excess)):
            del self._state.resources[key]


def new_state(account_id: str, first_time: datetime) -> AccountState:
    """The state of an account in audit mode of which nothing is known yet."""
    return AccountState(
        namespace=_NAMESPACE,
        account=_account(account_id, first_time),
        baseline=Baseline(account_id=account_id),
        resources={},
        anomalies=Anomalies(),
    )


def _is_past(anomaly: Anomaly, now: datetime) -> bool:
    """Whether nothing can join it any more; what creeps is joined for longer."""
    creeps = anomaly.ended_at is None and is_led_by(anomaly, "creep")
    return anomaly.last_event_time < now - (_CREEPING if creeps else _JOINABLE)


def _account(account_id: str, first_time: datetime) -> AwsAccount:
    return AwsAccount(
        account_id=account_id,
        name=account_id,
        status=AccountStatus.ACTIVE,
        external_id="",
        role_arn="",
        regions=(),
        connected_at=first_time,
        mode=GovernanceMode.AUDIT,
    )
