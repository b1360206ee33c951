"""When the digest comes."""

import contextlib
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.command_line.schedule import parse_schedule
from engine.digest_times import next_digest
from engine.errors import InputError
from engine.models.schedule import DigestRhythm, DigestSchedule

ZONES = ["America/Indiana/Knox", "America/New_York", "Europe/Berlin", "US/Knox", "UTC"]
SCHEDULES = st.builds(
    DigestSchedule,
    rhythm=st.sampled_from(DigestRhythm),
    at=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    weekday=st.integers(0, 6),
)


@pytest.mark.parametrize(
    ("words", "schedule"),
    [
        ("on", DigestSchedule()),
        ("on 7:30 europe/berlin", DigestSchedule(at=time(7, 30), zone="Europe/Berlin")),
        ("daily BERLIN 18:00", DigestSchedule(at=time(18), zone="Europe/Berlin")),
        ("weekly", DigestSchedule(rhythm=DigestRhythm.WEEKLY)),
        ("Weekly new_york Fri", DigestSchedule(rhythm=DigestRhythm.WEEKLY, zone="America/New_York", weekday=4)),
        ("off", DigestSchedule(rhythm=DigestRhythm.OFF)),
    ],
)
def test_what_is_understood(words: str, schedule: DigestSchedule) -> None:
    assert parse_schedule(words.split(), DigestSchedule(), ZONES) == schedule


def test_what_is_not_said_stays() -> None:
    known = DigestSchedule(at=time(7), zone="Europe/Berlin", weekday=3, rhythm=DigestRhythm.OFF)
    again = parse_schedule(["weekly"], known, ZONES)
    assert (again.at, again.zone, again.weekday) == (time(7), "Europe/Berlin", 3)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("of", "Did you mean `off`?"),
        ("off 09:00", "comes at no time"),
        ("on Europe/Berlim", "Did you mean `Europe/Berlin`?"),
        ("on knox", "no zone"),
        ("on Mon", "on all days"),
        ("on 25:00", "no time of day"),
        ("on 9am", "`9am` is no time of day"),
        ("on 9:00 10:00", "said already"),
    ],
)
def test_what_is_not_understood(words: str, said: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_schedule(words.split(), DigestSchedule(), ZONES)
    assert said in str(raised.value)


@given(st.lists(st.text() | st.sampled_from(["on", "weekly", "Mon", "9:00", "UTC"]), min_size=1, max_size=5))
def test_any_words_are_a_schedule_or_a_clear_error(words: list[str]) -> None:
    with contextlib.suppress(InputError):
        assert parse_schedule(words, DigestSchedule(), ZONES).zone in ZONES


@given(SCHEDULES, st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis wants naive bounds and adds the zone
def test_the_next_one_is_the_first_that_fits(schedule: DigestSchedule, after: datetime) -> None:
    moment = next_digest(schedule, after, UTC)
    if schedule.rhythm is DigestRhythm.OFF:
        assert moment is None
        return
    assert moment is not None
    span = timedelta(days=1 if schedule.rhythm is DigestRhythm.DAILY else 7)
    assert after < moment <= after + span
    assert moment.time() == schedule.at
    assert schedule.rhythm is DigestRhythm.DAILY or moment.weekday() == schedule.weekday


def test_nine_oclock_stays_nine_oclock_when_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    moment = next_digest(DigestSchedule(zone="Europe/Berlin"), before, berlin)
    assert moment is not None
    assert moment.astimezone(UTC) == datetime(2026, 3, 29, 7, tzinfo=UTC)
