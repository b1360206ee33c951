"""What an actor does by the hour, over all Regions."""

import math
from collections.abc import Collection
from datetime import timedelta

from engine.baselines.model import Activity, Baseline, Peak
from engine.baselines.rates import (
    BURST_CLIP_FACTOR,
    BURST_CLIP_USD,
    BURST_DELAY_HOURS,
    BURST_FORGETTING,
)
from engine.models.cost_event import Change, CostEvent

_HOUR = 3600
_AN_HOUR = timedelta(hours=1)
_MOST_REGIONS = 40
_MOST_RECENT = 200
_UNBORN = Activity()


def activity_of(baseline: Baseline, actor_key: str) -> Activity:
    """What is known of an actor's hours; an empty one for somebody new. It must not be changed.

    >>> activity_of(Baseline(account_id="1"), "ci").count
    0.0
    """
    return baseline.activities.get(actor_key, _UNBORN)


def fading(activity: Activity, now: int) -> float:
    """How much of the last hour's weight is left at ``now`` (seconds since 1970).

    >>> fading(Activity(at=7200), 7200), fading(Activity(), 10**9)
    (1.0, 0.0)
    """
    passed = max(0, now - activity.at)
    return math.exp(-passed / _HOUR) if passed < 20 * _HOUR else 0.0


def note_start(baseline: Baseline, event: CostEvent, *, told: bool) -> None:
    """Count a start in its actor's hour. What people are told of is no habit and is not counted.

    >>> from engine.examples import launch
    >>> known = Baseline(account_id="1")
    >>> note_start(known, launch(), told=False)
    >>> known.activities["ci"].usd
    1.0
    """
    now = int(event.event_time.timestamp())
    activity = baseline.activities.get(event.actor.key)
    if activity is None:
        activity = baseline.activities[event.actor.key] = Activity(at=now)
    if activity.pending:
        _believe(activity, now // _HOUR)
    if told:
        return
    left = fading(activity, now)
    activity.at = max(now, activity.at)
    activity.count = activity.count * left + event.quantity
    activity.usd = activity.usd * left + (event.hourly_cost or 0.0)
    if left < 0.4:  # noqa: PLR2004 - about an hour of silence ends a burst
        activity.regions = [event.region]
    elif event.region not in activity.regions and len(activity.regions) < _MOST_REGIONS:
        activity.regions = [*activity.regions, event.region]
    _note_peak(activity, now // _HOUR)
    if event.change is Change.START:
        _note_recent(baseline, event)


def forget_recent(baseline: Baseline, ended_ids: Collection[str]) -> None:
    """What ended already can join no incident any more.

    >>> from engine.examples import launch
    >>> known = Baseline(account_id="1")
    >>> note_start(known, launch(), told=False)
    >>> forget_recent(known, {"i-1"})
    >>> known.recent
    []
    """
    baseline.recent = [one for one in baseline.recent if not any(i in ended_ids for i in one.resource_ids)]


def take_recent(baseline: Baseline, event: CostEvent) -> list[CostEvent]:
    """Give the last hour's starts of the same type by the same actor, and keep them no longer: they join an incident.

    >>> from engine.examples import launch
    >>> known = Baseline(account_id="1")
    >>> note_start(known, launch(), told=False)
    >>> len(take_recent(known, launch())), known.recent, known.activities["ci"].usd
    (1, [], 0.0)
    """
    who, what, since = event.actor.key, event.resource_type, event.event_time.timestamp() - _HOUR
    taken = [
        one
        for one in baseline.recent
        if one.actor.key == who and one.resource_type == what and one.event_time.timestamp() >= since
    ]
    names = {(one.event_id, one.part) for one in taken}
    baseline.recent = [one for one in baseline.recent if (one.event_id, one.part) not in names]
    activity = baseline.activities.get(who)
    if activity is not None:
        activity.count = max(0.0, activity.count - sum(one.quantity for one in taken))
        activity.usd = max(0.0, activity.usd - sum(one.hourly_cost or 0.0 for one in taken))
        started = {int(one.event_time.timestamp()) // _HOUR for one in taken}
        activity.pending = [peak for peak in activity.pending if peak.hour not in started]
    return taken


def _note_peak(activity: Activity, hour: int) -> None:
    last = activity.pending[-1] if activity.pending else None
    if last is not None and last.hour == hour:
        if activity.count > last.count or activity.usd > last.usd:
            activity.pending[-1] = Peak(hour, max(activity.count, last.count), max(activity.usd, last.usd))
    else:
        activity.pending.append(Peak(hour, activity.count, activity.usd))


def _believe(activity: Activity, hour: int) -> None:
    """Learn peaks only when they are hours old, and no more of each than a clipped step: a runaway must not teach."""
    while activity.pending and activity.pending[0].hour <= hour - BURST_DELAY_HOURS:
        peak = activity.pending.pop(0)
        activity.hours += 1
        count = min(peak.count, BURST_CLIP_FACTOR * activity.usual_count + BURST_CLIP_FACTOR)
        usd = min(peak.usd, BURST_CLIP_FACTOR * activity.usual_usd + BURST_CLIP_USD)
        activity.usual_count = max(activity.usual_count * BURST_FORGETTING, count)
        activity.usual_usd = max(activity.usual_usd * BURST_FORGETTING, usd)


def _note_recent(baseline: Baseline, event: CostEvent) -> None:
    recent = baseline.recent
    recent.append(event)
    stale = event.event_time - _AN_HOUR
    if len(recent) <= _MOST_RECENT and recent[0].event_time >= stale:
        return
    gone = max(0, len(recent) - _MOST_RECENT)
    while gone < len(recent) and recent[gone].event_time < stale:
        gone += 1
    if gone:
        del recent[:gone]
