"""When the digest comes, in words."""

from datetime import UTC, datetime, time

import pytest

from blocks.digest_setting import digest_setting
from engine.models.report import DigestSetting
from engine.models.schedule import DigestRhythm, DigestSchedule
from tests.blocks.rules import problems

NEXT = datetime(2026, 11, 27, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "channel", "said"),
    [
        (DigestSchedule(), "C1", "every day at 09:00 (`UTC`) to <#C1>, <!date"),
        (DigestSchedule(rhythm=DigestRhythm.WEEKLY, weekday=4, at=time(7, 5)), "", "every Friday at 07:05"),
        (DigestSchedule(rhythm=DigestRhythm.OFF), "C1", "The digest is off."),
        (DigestSchedule(zone="<!channel>`x", weekday=99), "<!here>", "&lt;!channel&gt;'x"),
    ],
)
def test_each_rhythm(schedule: DigestSchedule, channel: str, said: str) -> None:
    moment = None if schedule.rhythm is DigestRhythm.OFF else NEXT
    card = digest_setting(DigestSetting(schedule, moment, channel))
    assert said in card.text
    assert problems(card) == []
