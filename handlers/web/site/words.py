"""Small pieces that several pages show: moments, people, and what a status or a severity is called."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import msgspec

from blocks.text import clean, duration
from engine.models.anomaly import AnomalyStatus, Severity

Names = Mapping[str, str]
_NAME = 80
_KEY = "key:"
_SOON = 5.0

STATUS_WORDS = {
    AnomalyStatus.OPEN: "open",
    AnomalyStatus.ACKNOWLEDGED: "somebody is on it",
    AnomalyStatus.SNOOZED: "snoozed",
    AnomalyStatus.EXPECTED: "expected",
    AnomalyStatus.UNEXPECTED: "not expected",
    AnomalyStatus.RESOLVED: "stopped",
}
_STATUS_TONES = {
    AnomalyStatus.OPEN: "bad",
    AnomalyStatus.ACKNOWLEDGED: "warn",
    AnomalyStatus.UNEXPECTED: "bad",
    AnomalyStatus.EXPECTED: "good",
    AnomalyStatus.RESOLVED: "good",
}
_SEVERITY_TONES = {Severity.WARNING: "warn", Severity.CRITICAL: "bad"}


class Moment(msgspec.Struct, frozen=True):
    """A time for machines, for people, and how far away it is."""

    machine: str
    text: str
    distance: str


class Badge(msgspec.Struct, frozen=True):
    """A word, and how grave it is: ``good``, ``warn``, ``bad`` or nothing."""

    text: str
    tone: str = ""


def moment(at: datetime, now: datetime) -> Moment:
    """Give a moment in UTC, for without scripts nobody knows the reader's zone.

    >>> at = datetime(2026, 3, 4, 14, 7, tzinfo=UTC)
    >>> moment(at, datetime(2026, 3, 4, 16, 7, tzinfo=UTC))
    Moment(machine='2026-03-04T14:07:00Z', text='2026-03-04 14:07 UTC', distance='2 h ago')
    """
    utc = at.astimezone(UTC)
    return Moment(f"{utc:%Y-%m-%dT%H:%M:%SZ}", f"{utc:%Y-%m-%d %H:%M} UTC", _distance((now - at).total_seconds()))


def _distance(seconds: float) -> str:
    if abs(seconds) < _SOON:
        return "just now"
    return f"{duration(seconds)} ago" if seconds > 0 else f"in {duration(-seconds)}"


def shown(text: str, limit: int = _NAME) -> str:
    """Text from outside on one line, with nothing invisible in it, and not longer than is read.

    >>> shown("two\\nlines", 7)
    'two li…'
    """
    line = clean(text, limit + 1)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def person(user_id: str, names: Names) -> str:
    """Who that is, as well as it is known.

    >>> person("U1", {"U1": "Ann"}), person("U2", {}), person("key:0a1b2c3d", {}), person("", {})
    ('Ann', 'U2', 'API key 0a1b2c3d', 'somebody')
    """
    if user_id.startswith(_KEY):
        return f"API key {shown(user_id.removeprefix(_KEY))}"
    return shown(names.get(user_id, "") or user_id) or "somebody"


def status_badge(status: AnomalyStatus) -> Badge:
    """The status in a word."""
    return Badge(STATUS_WORDS[status], _STATUS_TONES.get(status, ""))


def severity_badge(severity: Severity) -> Badge:
    """The severity in a word."""
    return Badge(severity.value, _SEVERITY_TONES.get(severity, ""))


def listed(texts: Iterable[str], most: int) -> str:
    """The first few of many, and how many more there are.

    >>> listed(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    every = [shown(text) or "-" for text in texts]
    rest = len(every) - most
    return ", ".join(every[:most]) + (f" and {rest:,} more" if rest > 0 else "")
