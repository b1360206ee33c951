"""When a digest is due, and what it sums up."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.digests import LATEST, burnt_between, due_period, findings_in, silencers, silent_in, suppressed_by, told_in
from engine.examples import MONDAY, incident, launch
from engine.models.anomaly import Anomaly, AnomalyStatus, Decision, DecisionKind
from engine.models.schedule import DigestRhythm, DigestSchedule

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"]
SCHEDULES = st.builds(
    DigestSchedule,
    rhythm=st.sampled_from([DigestRhythm.DAILY, DigestRhythm.WEEKLY]),
    at=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    weekday=st.integers(0, 6),
    zone=st.sampled_from(ZONES),
)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds and adds the zone
HOUR = timedelta(hours=1)
TOLD = msgspec.structs.replace(incident(launch()), decision=Decision(DecisionKind.ALERT, "Unusual."))


@given(SCHEDULES, MOMENTS)
def test_a_period_is_over_and_its_name_is_its_day(schedule: DigestSchedule, now: datetime) -> None:
    period = due_period(schedule, now, ZoneInfo(schedule.zone))
    if period is None:
        return
    assert period.since < period.until <= now <= period.until + LATEST
    days = 1 if schedule.rhythm is DigestRhythm.DAILY else 7
    assert abs(period.until - period.since - timedelta(days=days)) <= 25 * HOUR  # Apia once left out a day.
    assert period.name.startswith(schedule.rhythm.value)


@given(SCHEDULES, MOMENTS)
def test_every_day_gets_one_digest_and_no_time_is_left_out(schedule: DigestSchedule, start: datetime) -> None:
    """Whoever looks every hour for some weeks, over changes of clocks too, finds periods that follow each other."""
    zone = ZoneInfo(schedule.zone)
    looks = [due_period(schedule, start + number * HOUR, zone) for number in range(16 * 24)]
    periods = {one.name: one for one in looks if one is not None}
    assert len({msgspec.json.encode(one) for one in looks if one is not None}) == len(periods)
    ordered = sorted(periods.values(), key=lambda one: one.until)
    assert len(ordered) >= (15 if schedule.rhythm is DigestRhythm.DAILY else 2)
    assert all(earlier.until == later.since for earlier, later in pairwise(ordered))


@pytest.mark.parametrize(
    ("now", "hours"),
    [(datetime(2026, 3, 29, 12, tzinfo=UTC), 24), (datetime(2026, 10, 25, 12, tzinfo=UTC), 24)],
)
def test_an_hour_that_is_left_out_or_comes_twice_makes_no_second_digest(now: datetime, hours: int) -> None:
    schedule = DigestSchedule(at=time(2, 30), zone="Europe/Berlin")
    zone = ZoneInfo("Europe/Berlin")
    names = {due_period(schedule, now + number * HOUR / 4, zone) for number in range(-47, 0)}
    assert len({one.name for one in names if one}) <= 2
    period = due_period(schedule, now, zone)
    assert period is not None
    assert (period.until - period.since) == hours * HOUR


def test_one_that_is_off_or_very_late_is_not_due() -> None:
    assert due_period(DigestSchedule(rhythm=DigestRhythm.OFF), MONDAY, UTC) is None
    schedule = DigestSchedule(rhythm=DigestRhythm.WEEKLY, at=time(9), weekday=0)
    monday = datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert due_period(schedule, monday + LATEST, UTC) is not None
    assert due_period(schedule, monday + LATEST + HOUR, UTC) is None


@given(st.floats(0, 50), st.floats(0, 50))
def test_what_burns_is_told_once_over_the_periods(first: float, second: float) -> None:
    middle, end = sorted((first, second))
    start = MONDAY - HOUR
    parts = [
        burnt_between(TOLD, start, MONDAY + middle * HOUR),
        burnt_between(TOLD, MONDAY + middle * HOUR, MONDAY + end * HOUR),
    ]
    assert sum(parts) == pytest.approx(burnt_between(TOLD, start, MONDAY + end * HOUR))


def test_what_is_known_as_one_sum_is_taken_to_have_burnt_evenly() -> None:
    ended = msgspec.structs.replace(
        TOLD, burnt_usd=8.0, burning_since=MONDAY + 8 * HOUR, running_hourly_cost=0.0, ended_at=MONDAY + 8 * HOUR
    )
    assert burnt_between(ended, MONDAY + 6 * HOUR, MONDAY + 9 * HOUR) == pytest.approx(2.0)
    assert burnt_between(ended, MONDAY + 8 * HOUR, MONDAY + 9 * HOUR) == 0.0


def test_what_burns_on_is_told_until_it_is_expected() -> None:
    later = MONDAY + 48 * HOUR
    assert told_in([TOLD], later) == [TOLD]
    expected = msgspec.structs.replace(TOLD, status=AnomalyStatus.EXPECTED, status_at=MONDAY)
    assert told_in([expected], later) == []
    assert told_in([expected], MONDAY) == [expected]


def sums_of(found: Sequence[Anomaly], names: Mapping[str, str] | None = None) -> list[tuple[str, int, float]]:
    silent = silent_in(found, MONDAY)
    return [(one.reason, one.count, one.hourly_cost) for one in suppressed_by(silent, names or {})]


def test_who_silenced_it_goes_by_name_and_strangers_are_summed_up_together() -> None:
    """An id tells people nothing, and a mention in a channel would call whom it names."""
    reasons = ["Expected, as U1 said.", "Expected, as U2 said.", "Expected, as U3 said.", "Snoozed by U2."]
    reasons += ["Alert for account 1 suppressed by strict mode, chosen by U1."]
    silent = [
        msgspec.structs.replace(TOLD, event_ids=(reason,), decision=Decision(DecisionKind.LOG, reason), hourly_cost=1.0)
        for reason in reasons
    ]
    assert silencers(silent_in(silent, MONDAY)) == {"U1", "U2", "U3"}
    assert sums_of(silent, {"U1": "Ann"}) == [
        ("Expected, as somebody said.", 2, 2.0),
        ("Alert for account 1 suppressed by strict mode, chosen by Ann.", 1, 1.0),
        ("Expected, as Ann said.", 1, 1.0),
        ("Snoozed by somebody.", 1, 1.0),
    ]


def test_what_is_overdue_besides_is_a_finding_more_and_the_same_money() -> None:
    silent = [
        msgspec.structs.replace(TOLD, anomaly_id=name, decision=Decision(DecisionKind.LOG, "Paused."), hourly_cost=5.0)
        for name in ("launched", "overdue")
    ]
    assert sums_of(silent) == [("Paused.", 2, 5.0)]


def test_what_is_found_long_after_it_began_is_told_when_it_is_found() -> None:
    """What should have ended by now began before the day that the digest is about."""
    late = msgspec.structs.replace(
        TOLD, detected_at=MONDAY + 30 * HOUR, decision=Decision(DecisionKind.DIGEST, "Late.")
    )
    assert findings_in([late], MONDAY + 24 * HOUR) == [late]
    assert findings_in([late], MONDAY + 48 * HOUR) == []
    logged = msgspec.structs.replace(late, decision=Decision(DecisionKind.LOG, "Paused."))
    assert silent_in([logged], MONDAY + 24 * HOUR) == [logged]


def test_reasons_of_silence_are_summed_up() -> None:
    silent = [
        msgspec.structs.replace(
            TOLD, event_ids=(str(cost),), decision=Decision(DecisionKind.LOG, reason), score=score, hourly_cost=cost
        )
        for reason, score, cost in [
            ("Snoozed.", 2.0, 3.0),
            ("Paused.", 2.0, 9.0),
            ("Snoozed.", 1.0, 4.0),
            ("Dull.", 0.5, 99.0),
        ]
    ]
    assert sums_of(silent) == [("Paused.", 1, 9.0), ("Snoozed.", 2, 7.0)]
