"""What a digest tells, and of which time."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

import msgspec

from engine.incidents import settle
from engine.models.anomaly import Anomaly, AnomalyStatus, DecisionKind
from engine.models.report import DigestReport, Suppressed
from engine.models.schedule import DigestRhythm, DigestSchedule
from engine.reasons import id_in, in_words
from engine.scoring.thresholds import ANOMALOUS

LATEST = timedelta(hours=12)
_UNSETTLED = frozenset({AnomalyStatus.OPEN, AnomalyStatus.ACKNOWLEDGED, AnomalyStatus.SNOOZED})
_MOST_REASONS = 5
_HELD = "Without a card, for the alert budget of their channel was used up."


class DigestPeriod(msgspec.Struct, frozen=True):
    """What one digest is about. Its name follows from the day it comes on, so nobody makes it twice."""

    name: str
    since: datetime
    until: datetime


def due_period(schedule: DigestSchedule, now: datetime, zone: tzinfo) -> DigestPeriod | None:
    """Give the period whose digest is due; None for one that is off, or that is over twelve hours late.

    A day has one moment also when clocks change: an hour that is left out moves it, of one that comes twice the first
    counts.

    >>> due_period(DigestSchedule(), datetime(2026, 11, 23, 9, 5, tzinfo=UTC), UTC).name
    'daily/2026-11-23'
    """
    if schedule.rhythm is DigestRhythm.OFF:
        return None
    daily = schedule.rhythm is DigestRhythm.DAILY
    today = now.astimezone(zone).date()
    days = [today - timedelta(days=number) for number in range(8)]
    day = next(
        day for day in days if (daily or day.weekday() == schedule.weekday) and _moment(schedule, day, zone) <= now
    )
    until = _moment(schedule, day, zone)
    if now - until > LATEST:
        return None
    since = _moment(schedule, day - timedelta(days=1 if daily else 7), zone)
    return DigestPeriod(f"{schedule.rhythm.value}/{day.isoformat()}", since, until)


def _moment(schedule: DigestSchedule, day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, schedule.at, zone).astimezone(UTC)


def told_in(anomalies: Iterable[Anomaly], since: datetime) -> list[Anomaly]:
    """Give what people were told of and what moved since then or burns on, dearest first.

    >>> from engine.examples import MONDAY, incident, launch
    >>> len(told_in([incident(launch())], MONDAY + timedelta(days=1)))
    1
    """
    told = (one for one in anomalies if one.decision.kind is DecisionKind.ALERT)
    return _dearest_first(one for one in told if _moved(one, since) or _burns_on(one))


def findings_in(anomalies: Iterable[Anomaly], since: datetime) -> list[Anomaly]:
    """Give what was unusual since then and not worth a card, dearest first.

    >>> from engine.examples import MONDAY
    >>> findings_in([], MONDAY)
    []
    """
    found = (one for one in anomalies if one.decision.kind is DecisionKind.DIGEST)
    return _dearest_first(one for one in found if _is_news(one, since))


def silent_in(anomalies: Iterable[Anomaly], since: datetime) -> list[Anomaly]:
    """Give what would have been worth telling since then and was not told.

    >>> from engine.examples import MONDAY
    >>> silent_in([], MONDAY)
    []
    """
    logged = (one for one in anomalies if one.decision.kind is DecisionKind.LOG and _is_news(one, since))
    return [one for one in logged if one.score >= ANOMALOUS or one.decision.safety_net]


def silencers(silent: Iterable[Anomaly]) -> set[str]:
    """Give the ids of who silenced what ``silent_in`` gave.

    >>> silencers([])
    set()
    """
    return {who for one in silent if (who := id_in(one.decision.reason))}


def suppressed_by(silent: Iterable[Anomaly], names: Mapping[str, str]) -> tuple[Suppressed, ...]:
    """Sum up by its reason what ``silent_in`` gave, the dearest reasons first; ``names`` are people's by their ids.

    >>> suppressed_by([], {})
    ()
    """
    by_reason: defaultdict[str, list[Anomaly]] = defaultdict(list)
    for one in silent:
        by_reason[in_words(one.decision.reason, names)].append(one)
    sums = [Suppressed(reason, len(of), _cost_of(of)) for reason, of in by_reason.items()]
    return tuple(sorted(sums, key=lambda one: (-one.hourly_cost, one.reason))[:_MOST_REASONS])


def _is_news(one: Anomaly, since: datetime) -> bool:
    """What should have ended is found long after it began, and a record may come late."""
    return max(one.last_event_time, one.detected_at) >= since


def _cost_of(found: Iterable[Anomaly]) -> float:
    """USD an hour of all of it; a launch that is overdue besides is a finding more, and the same money."""
    cost, counted = 0.0, set[str]()
    for one in sorted(found, key=lambda one: (one.detected_at, one.anomaly_id)):
        if not counted.issuperset(one.event_ids):
            cost += one.hourly_cost
        counted.update(one.event_ids)
    return cost


def held_in(told: Iterable[Anomaly], held: Collection[str], since: datetime) -> tuple[Suppressed, ...]:
    """Sum up what had no card since then because its channel's alert budget was used up; ``held`` are its ids.

    >>> from engine.examples import MONDAY, incident, launch
    >>> one = incident(launch())
    >>> [(kept.count, kept.hourly_cost) for kept in held_in([one], [one.anomaly_id], MONDAY)]
    [(1, 1.0)]
    """
    kept = [one for one in told if one.anomaly_id in held and one.last_event_time >= since]
    return (Suppressed(_HELD, len(kept), sum(one.hourly_cost for one in kept)),) if kept else ()


def sum_up(told: Sequence[Anomaly], since: datetime, until: datetime, running_hourly_cost: float) -> DigestReport:
    """Give the sums over what ``told_in`` gave, without any rows.

    >>> from engine.examples import MONDAY, incident, launch
    >>> sum_up([incident(launch())], MONDAY, MONDAY + timedelta(hours=2), 1.0).burnt_usd
    2.0
    """
    stopped = [one for one in told if one.ended_at is not None and one.ended_at >= since and not one.is_commitment]
    return DigestReport(
        since=since,
        until=until,
        open_count=sum(one.status in _UNSETTLED for one in told),
        expected_count=sum(one.status is AnomalyStatus.EXPECTED for one in told),
        resolved_count=sum(one.status is AnomalyStatus.RESOLVED for one in told),
        burnt_usd=sum(burnt_between(one, since, until) for one in told),
        saved_per_day_usd=24 * sum(one.hourly_cost for one in stopped),
        running_hourly_cost=running_hourly_cost,
    )


def burnt_between(anomaly: Anomaly, since: datetime, until: datetime) -> float:
    """Give the USD an anomaly burnt in a time; what is known only as one sum is taken to have burnt evenly.

    >>> from engine.examples import MONDAY, incident, launch
    >>> hour = timedelta(hours=1)
    >>> burnt_between(incident(launch()), MONDAY + hour, MONDAY + 3 * hour)
    2.0
    """
    return _burnt_by(anomaly, until) - _burnt_by(anomaly, since)


def _burnt_by(anomaly: Anomaly, moment: datetime) -> float:
    start, settled_at = anomaly.first_event_time, anomaly.burning_since
    if moment >= settled_at:
        return settle(anomaly, moment)[0]
    return anomaly.burnt_usd * max(0.0, (moment - start) / (settled_at - start)) if settled_at > start else 0.0


def _moved(one: Anomaly, since: datetime) -> bool:
    moments = (one.last_event_time, one.status_at, one.ended_at)
    return any(moment is not None and moment >= since for moment in moments)


def _burns_on(one: Anomaly) -> bool:
    """What somebody called expected is no news on the next day."""
    return one.ended_at is None and one.running_hourly_cost > 0 and one.status is not AnomalyStatus.EXPECTED


def _dearest_first(anomalies: Iterable[Anomaly]) -> list[Anomaly]:
    return sorted(anomalies, key=lambda one: -one.hourly_cost)
