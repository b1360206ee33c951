"""The answer to ``/dd0c digest on``, ``weekly`` and ``off``."""

from blocks.card import Card, section
from blocks.text import channel, code, when
from engine.models.report import DigestSetting
from engine.models.schedule import DigestRhythm, DigestSchedule

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def digest_setting(view: DigestSetting) -> Card:
    """Say when the digest comes from now on."""
    schedule = view.schedule
    if schedule.rhythm is DigestRhythm.OFF:
        text = "The digest is off. `/dd0c digest` still shows the last day, and `/dd0c digest on` turns it on again."
        return Card(text, [section("digest", text)])
    where = channel(view.channel_id) if view.channel_id else "whoever installed dd0c"
    first = f", {when(view.next_at, 'next')}" if view.next_at is not None else ""
    text = f"The digest comes {schedule_words(schedule)} to {where}{first}."
    return Card(text, [section("digest", text)])


def schedule_words(schedule: DigestSchedule) -> str:
    """When it comes.

    >>> schedule_words(DigestSchedule())
    'every day at 09:00 (`UTC`)'
    """
    if schedule.rhythm is DigestRhythm.OFF:
        return "off"
    rhythm = "every day" if schedule.rhythm is DigestRhythm.DAILY else f"every {_DAYS[schedule.weekday % len(_DAYS)]}"
    return f"{rhythm} at {schedule.at:%H:%M} ({code(schedule.zone, 60)})"
