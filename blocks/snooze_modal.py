"""The form behind *Snooze*: what would stay silent for how long, and what that would have hidden lately."""

from typing import Self

import msgspec

from blocks.anomaly_actions import SNOOZE_CHOICES
from blocks.card import Block, plain_text
from blocks.money import usd
from blocks.text import count, plain, short_actor
from engine.hiding import Hidden
from engine.models.anomaly import Anomaly

CALLBACK = "anomaly.snooze_form"
_TYPES_NAMED = 3


class SnoozeForm(msgspec.Struct, frozen=True):
    """What the form remembers: where it was opened, on which card, and what was chosen; empty where not known."""

    channel_id: str
    message_ts: str
    chosen: str
    anomaly_id: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what ``packed`` gives; what is missing is empty.

        >>> SnoozeForm.parse("C1  4h 7f3a").chosen
        '4h'
        """
        parts = [*text.split(" ", 3), "", "", "", ""]
        return cls(*parts[:4])

    def packed(self) -> str:
        """One line that ``parse`` reads.

        >>> SnoozeForm("C1", "", "4h", "7f3a").packed()
        'C1  4h 7f3a'
        """
        return f"{self.channel_id} {self.message_ts} {self.chosen} {self.anomaly_id}"


def snooze_modal(anomaly: Anomaly, hidden: Hidden, form: SnoozeForm) -> Block:
    """Ask whether to snooze, with what that would have hidden."""
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": form.packed(),
        "title": plain_text("Snooze", 24),
        "submit": plain_text("Snooze", 24),
        "close": plain_text("Cancel", 24),
        "blocks": [
            {"type": "section", "block_id": "pattern", "text": plain_text(_pattern(anomaly, form.chosen), 1000)},
            {"type": "section", "block_id": "hidden", "text": plain_text(hidden_words(hidden), 1000)},
        ],
    }


def _pattern(anomaly: Anomaly, chosen: str) -> str:
    return f"{snoozed_pattern(anomaly)} stays silent for {SNOOZE_CHOICES.get(chosen, chosen)}."


def snoozed_pattern(anomaly: Anomaly) -> str:
    """Who doing what a snooze would silence, as plain text without an end."""
    actor = short_actor(anomaly.actor.name or anomaly.actor.key, 60)
    types = list(dict.fromkeys(line.resource_type for line in anomaly.lines))
    names = [plain(name, 40) for name in types[:_TYPES_NAMED]]
    if rest := len(types) - len(names):
        names.append(count(rest, "more type"))
    deed = "buying" if anomaly.is_commitment else "starting"
    return f"{actor} {deed} {' or '.join(names)}"


def hidden_words(hidden: Hidden) -> str:
    """What a snooze would have hidden lately.

    >>> hidden_words(Hidden(alerts=2, burnt_usd=12.5))
    'In the last 30 days that would have hidden 2 other alerts, $12.50 burnt.'
    """
    if not hidden.alerts:
        return "In the last 30 days that would have hidden no other alert."
    return (
        f"In the last 30 days that would have hidden {count(hidden.alerts, 'other alert')}, "
        f"{usd(hidden.burnt_usd)} burnt."
    )
