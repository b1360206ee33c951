"""What people answer to a card, and what the baseline learns from it."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec

from engine.errors import Conflict, UpstreamError
from engine.models.anomaly import JUDGED, Anomaly, AnomalyStatus
from engine.models.verdict import Expectation, Label, Snooze, Terms, Verdict, VerdictKind
from engine.models.work import WorkItem, WorkKind
from engine.teaching import Lesson, teach
from engine.verdicts import (
    expectation_of,
    labelled,
    may_acknowledge,
    may_judge,
    may_quiet,
    may_undo,
    snooze_of,
    told_pairs,
    undone,
    unlabelled,
)
from services.gathering import Gathered
from services.ports import Anomalies, Clock, Ledger, NewId, WorkQueue

_log = logging.getLogger(__name__)
_ATTEMPTS = 5
_LEARNED_AT_ONCE = 100
_APART_SECONDS = 0.05


class Answer(msgspec.Struct, frozen=True):
    """What became of a click: whether it changed anything, and the anomaly as it is now."""

    changed: bool
    anomaly: Anomaly


class _Step(msgspec.Struct, frozen=True):
    """A verdict ready to be recorded."""

    after: Anomaly
    kind: VerdictKind
    expectation: Expectation | None = None
    snooze: Snooze | None = None


_StepMaker = Callable[[Anomaly, datetime], _Step | None]


class _Click(msgspec.Struct, frozen=True):
    """What somebody says of an anomaly; ``step`` decides what that means for it as it is then."""

    anomaly_id: str
    user_id: str
    step: _StepMaker
    verdict_id: str


class Verdicts:
    """Records what people say, once: of two clicks at the same time the second changes nothing."""

    def __init__(self, anomalies: Anomalies, ledger: Ledger, queue: WorkQueue, clock: Clock, new_id: NewId) -> None:
        self._anomalies = anomalies
        self._ledger = ledger
        self._queue = queue
        self._clock = clock
        self._new_id = new_id
        self._clicks = Gathered(self._record_all, _APART_SECONDS)

    async def mark_expected(self, tenant_id: str, anomaly_id: str, user_id: str, terms: Terms | None = None) -> Answer:
        """From now on the same launches, or those of ``terms``, stay silent; they are learned. Raises NotFound."""

        def step(anomaly: Anomaly, now: datetime) -> _Step | None:
            if not may_judge(anomaly):
                return None
            expectation = expectation_of(anomaly, expectation_id=self._new_id(), user_id=user_id, now=now, terms=terms)
            after = labelled(anomaly, AnomalyStatus.EXPECTED, user_id=user_id, now=now)
            after = msgspec.structs.replace(after, expectation_id=expectation.expectation_id)
            return _Step(after, VerdictKind.EXPECTED, expectation=expectation)

        return await self._record(tenant_id, anomaly_id, user_id, step)

    async def find(self, tenant_id: str, anomaly_id: str) -> Anomaly:
        """The anomaly as it is now. Raises NotFound."""
        return await self._anomalies.find_anomaly(tenant_id, anomaly_id)

    async def not_expected(self, tenant_id: str, anomaly_id: str, user_id: str) -> Answer:
        """Nothing of it is ever learned, and the same again alerts again. Raises NotFound."""

        def step(anomaly: Anomaly, now: datetime) -> _Step | None:
            if not may_judge(anomaly):
                return None
            after = labelled(anomaly, AnomalyStatus.UNEXPECTED, user_id=user_id, now=now)
            return _Step(after, VerdictKind.UNEXPECTED)

        return await self._record(tenant_id, anomaly_id, user_id, step)

    async def snooze(self, tenant_id: str, anomaly_id: str, user_id: str, span: timedelta) -> Answer:
        """Be silent about this actor's launches of these types for a while. Raises NotFound."""

        def step(anomaly: Anomaly, now: datetime) -> _Step | None:
            if not may_quiet(anomaly):
                return None
            snooze = snooze_of(anomaly, snooze_id=self._new_id(), user_id=user_id, until=now + span)
            after = labelled(anomaly, AnomalyStatus.SNOOZED, user_id=user_id, now=now)
            return _Step(msgspec.structs.replace(after, snoozed_until=now + span), VerdictKind.SNOOZED, snooze=snooze)

        return await self._record(tenant_id, anomaly_id, user_id, step)

    async def acknowledge(self, tenant_id: str, anomaly_id: str, user_id: str) -> Answer:
        """Somebody is on it. Raises NotFound."""

        def step(anomaly: Anomaly, now: datetime) -> _Step | None:
            if not may_acknowledge(anomaly):
                return None
            after = labelled(anomaly, AnomalyStatus.ACKNOWLEDGED, user_id=user_id, now=now)
            return _Step(after, VerdictKind.ACKNOWLEDGED)

        return await self._record(tenant_id, anomaly_id, user_id, step)

    async def undo(self, tenant_id: str, anomaly_id: str, user_id: str, verdict_id: str = "") -> Answer:
        """Take the last label back, with all that followed from it; under a given id once. Raises NotFound."""

        def step(anomaly: Anomaly, now: datetime) -> _Step | None:
            if not may_undo(anomaly):
                return None
            after = undone(anomaly, now)
            return _Step(after, VerdictKind.UNDONE, snooze=self._snooze_again(after))

        return await self._record(tenant_id, anomaly_id, user_id, step, verdict_id)

    def _snooze_again(self, after: Anomaly) -> Snooze | None:
        """The silence that comes back with the label: it had been withdrawn."""
        if after.status is not AnomalyStatus.SNOOZED or after.snoozed_until is None:
            return None
        return snooze_of(after, snooze_id=self._new_id(), user_id=after.status_by, until=after.snoozed_until)

    async def wake_snoozed(self, limit: int = 100) -> int:
        """Open again what was snoozed until now; gives how many."""
        now = self._clock()
        ended = await self._anomalies.find_snoozed_before(now, limit)
        for tenant_id, anomaly in ended:
            woken = _Step(unlabelled(anomaly), VerdictKind.UNDONE)
            try:
                await self._anomalies.record_verdicts(tenant_id, [self._label(anomaly, woken, "", now)], now)
            except Conflict:
                _log.info("anomaly %s changed while its snooze ended; it is looked at again", anomaly.anomaly_id)
        return len(ended)

    async def _record(
        self, tenant_id: str, anomaly_id: str, user_id: str, step: _StepMaker, verdict_id: str = ""
    ) -> Answer:
        """Each verdict is a link in the tenant's one audit chain, so that of two at a time one would be undone and
        begin anew: what is said while others are being recorded is recorded after them, together."""
        return await self._clicks.ask(tenant_id, _Click(anomaly_id, user_id, step, verdict_id))

    async def _record_all(self, tenant_id: str, clicks: Sequence[_Click]) -> Sequence[Answer | Exception]:
        """Anomaly by anomaly, for one is one transaction; of each in the order in which they came."""
        answers: dict[int, Answer | Exception] = {}
        for anomaly_id in dict.fromkeys(one.anomaly_id for one in clicks):
            of_one = {place: one for place, one in enumerate(clicks) if one.anomaly_id == anomaly_id}
            answers.update(zip(of_one, await self._record_of_one(tenant_id, [*of_one.values()]), strict=True))
        return [answers[place] for place in range(len(clicks))]

    async def _record_of_one(self, tenant_id: str, clicks: Sequence[_Click]) -> Sequence[Answer | Exception]:
        """Where several come into conflict each has a try of its own, so that none fails because of another."""
        try:
            return await self._record_together(tenant_id, clicks)
        except Conflict:
            return [answer for one in clicks for answer in await self._record_of_one(tenant_id, [one])]
        except Exception as error:
            return [error] * len(clicks)

    async def _record_together(self, tenant_id: str, clicks: Sequence[_Click]) -> Sequence[Answer]:
        """Read, decide, write; when intake changed the anomaly in between, decide again on what it is now.

        Raises Conflict where several cannot be recorded.
        """
        for _ in range(_ATTEMPTS):
            anomaly = await self._anomalies.find_anomaly(tenant_id, clicks[0].anomaly_id)
            now = self._clock()
            answers, labels = self._decide(anomaly, clicks, now)
            if not labels:
                return answers
            try:
                await self._anomalies.record_verdicts(tenant_id, labels, now)
            except Conflict:
                continue
            await self._queue_to_learn(tenant_id, [one.verdict for one in labels])
            return answers
        if len(clicks) > 1:
            raise Conflict("Several verdicts could not be recorded together.")
        return [Answer(False, await self._anomalies.find_anomaly(tenant_id, clicks[0].anomaly_id))]

    def _decide(
        self, anomaly: Anomaly, clicks: Sequence[_Click], now: datetime
    ) -> tuple[Sequence[Answer], Sequence[Label]]:
        """Each click meets the anomaly as the one before it left it; those that change nothing leave no label."""
        answers, labels = [], []
        for click in clicks:
            made = click.step(anomaly, now)
            if made is not None:
                labels.append(self._label(anomaly, made, click.user_id, now, click.verdict_id))
                anomaly = made.after
            answers.append(Answer(made is not None, anomaly))
        return answers, labels

    async def _queue_to_learn(self, tenant_id: str, verdicts: Sequence[Verdict]) -> None:
        """What was said is recorded by now: where the queue takes nothing, ``requeue_unlearned`` brings it later."""
        for one in verdicts:
            if one.learned:
                continue
            try:
                await self._queue.put(WorkItem(WorkKind.LEARN_VERDICT, tenant_id, one.account_id, one.verdict_id))
            except UpstreamError as error:
                _log.warning("verdict %s is learned later: %s", one.verdict_id, error)

    def _label(self, before: Anomaly, step: _Step, user_id: str, now: datetime, verdict_id: str = "") -> Label:
        """Judging an incident and taking that back is for the baseline to learn."""
        statuses = {before.status, step.after.status}
        verdict = Verdict(
            verdict_id=verdict_id or self._new_id(),
            anomaly_id=before.anomaly_id,
            account_id=before.account_id,
            kind=step.kind,
            user_id=user_id,
            at=now,
            learned=statuses.isdisjoint(JUDGED),
            event_ids=before.withheld_event_ids if AnomalyStatus.EXPECTED in statuses else (),
            revision=step.after.revision,
        )
        return Label(before=before, after=step.after, verdict=verdict, expectation=step.expectation, snooze=step.snooze)

    async def requeue_unlearned(self, limit: int = _LEARNED_AT_ONCE) -> None:
        """Put verdicts back to work whose learning a crash prevented."""
        for item in await self._anomalies.find_unlearned(self._clock() - timedelta(minutes=1), limit):
            await self._queue.put(item)

    async def learn(self, tenant_id: str, verdict_id: str) -> None:
        """Bring a verdict into the baseline, after those on the same anomaly that came before it."""
        asked = await self._anomalies.find_verdict(tenant_id, verdict_id)
        given = await self._anomalies.find_verdicts(tenant_id, asked.anomaly_id)
        for before, verdict in pairwise([None, *given]):
            if verdict is not None and not verdict.learned:
                await self._learn_one(tenant_id, verdict, before)
            if verdict is not None and verdict.verdict_id == verdict_id:
                return

    async def _learn_one(self, tenant_id: str, verdict: Verdict, before: Verdict | None) -> None:
        """Learn on the newest baseline; whoever else wrote meanwhile makes it start over.

        What is learned was settled with the verdict: the incident may have grown since, and undo takes back just that.
        """
        events = await self._anomalies.find_cost_events(tenant_id, verdict.account_id, verdict.event_ids)
        anomaly = await self._anomalies.find_anomaly(tenant_id, verdict.anomaly_id)
        undone = before and await self._anomalies.find_verdict(tenant_id, before.verdict_id)
        lesson = Lesson(verdict.kind, events, told_pairs(anomaly), undone.forgotten if undone else ())
        for attempt in range(_ATTEMPTS):
            loaded = await self._ledger.load_state(tenant_id, verdict.account_id, [], self._clock())
            baseline, forgotten = teach(loaded.state.baseline, lesson)
            try:
                await self._anomalies.commit_learning(
                    tenant_id, verdict.verdict_id, baseline, loaded.version, forgotten
                )
            except Conflict:
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                return
