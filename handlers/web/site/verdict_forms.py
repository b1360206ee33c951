"""What can be said of an anomaly on its page, and what became of it when somebody did."""

import hashlib
from datetime import datetime, timedelta

import msgspec

from blocks.anomaly_actions import (
    ACKNOWLEDGE,
    MARK_EXPECTED,
    NOT_EXPECTED,
    SNOOZE,
    SNOOZE_CHOICES,
    UNDO,
    meaning_of_expected,
    offered,
    verdict_line,
)
from blocks.snooze_modal import hidden_words, snoozed_pattern
from blocks.unmarked import unmarked
from engine.hiding import Hidden
from engine.models.account import Role
from engine.models.anomaly import Anomaly
from engine.roles import NEEDS, Deed, may
from handlers.web.api.verdicts import Said
from handlers.web.site.words import Names, person

_SAID = {
    MARK_EXPECTED: Said.EXPECTED,
    NOT_EXPECTED: Said.UNEXPECTED,
    ACKNOWLEDGE: Said.ACKNOWLEDGED,
    SNOOZE: Said.SNOOZED,
    UNDO: Said.UNDO,
}
SNOOZES = {
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
}
_DONE, _LATE = "done", "late"
_ID_DIGITS = 32


class VerdictForms(msgspec.Struct, frozen=True, kw_only=True):
    """The buttons. ``refusal`` says why there are none, ``standing`` what was said last, ``news`` what a click did.

    ``snoozing`` says what a snooze would silence, and what it would have hidden; empty where none is offered.
    """

    offered: frozenset[str]
    expected: str
    snoozes: tuple[tuple[str, str], ...]
    snoozing: str
    revision: int
    refusal: str
    standing: str
    news: str
    news_tone: str


def may_snooze(anomaly: Anomaly, role: Role) -> bool:
    """Whether this role is offered a snooze of the anomaly as it stands."""
    return may(role, Deed.ANSWER) and SNOOZE in offered(anomaly)


def verdict_forms(
    anomaly: Anomaly, role: Role, names: Names, now: datetime, *, outcome: str = "", hidden: Hidden | None = None
) -> VerdictForms:
    """What this role may say of the anomaly as it stands. ``outcome`` comes from ``outcome_of``.

    ``hidden`` is what a snooze would have hidden, where one may be offered.
    """
    allowed = may(role, Deed.ANSWER)
    news = {_DONE: "Recorded, and the card in Slack follows.", _LATE: _too_late(anomaly, names)}
    return VerdictForms(
        offered=frozenset(_SAID[one].value for one in offered(anomaly)) if allowed else frozenset(),
        expected=meaning_of_expected(anomaly, now),
        snoozes=tuple(SNOOZE_CHOICES.items()),
        snoozing=f"{snoozed_pattern(anomaly)} stays silent. {hidden_words(hidden)}" if hidden else "",
        revision=anomaly.revision,
        refusal="" if allowed else f"Your role is {role.value}: to answer takes the role {NEEDS[Deed.ANSWER].value}.",
        standing=standing(anomaly, names),
        news=news.get(outcome, ""),
        news_tone="good" if outcome == _DONE else "warn",
    )


def standing(anomaly: Anomaly, names: Names) -> str:
    """Who said what last; empty while nobody has said anything."""
    line = unmarked(verdict_line(anomaly))
    return line.replace(f"@{anomaly.status_by}", person(anomaly.status_by, names)) if anomaly.status_by else line


def _too_late(anomaly: Anomaly, names: Names) -> str:
    said = standing(anomaly, names)
    return f"That changed nothing: {said}." if said else "That changed nothing: it had been taken back already."


def outcome_of(*, changed: bool) -> str:
    """What the page is told in its address after a click."""
    return _DONE if changed else _LATE


def undo_id(anomaly_id: str, revision: str) -> str:
    """The id of taking back what was said when the page was read: whoever clicks twice takes back one thing only."""
    return hashlib.sha256(f"undo\n{anomaly_id}\n{revision}".encode("utf-8", "replace")).hexdigest()[:_ID_DIGITS]
