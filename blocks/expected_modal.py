"""The modal behind *Expected...*: by whom, up to what and until when launches of a card's types stay silent."""

from datetime import date, datetime

from blocks.card import Block, plain_text
from blocks.text import plain, short_actor
from engine.models.anomaly import Anomaly
from engine.verdicts import expectation_of

CALLBACK = "anomaly.expected"
WHO, LIMIT, UNTIL = "who", "limit", "until"
ACTOR, ANYBODY = "actor", "anybody"
MOST_USD = 100_000

_TYPES_NAMED = 3
_LEAST_USD = 0.01


def expected_modal(anomaly: Anomaly, now: datetime, channel_id: str) -> Block:
    """Ask for the terms; what *Mark expected* would take is filled in. The form remembers the card it is about."""
    actor = short_actor(anomaly.actor.name or anomaly.actor.key, 60)
    choices = {ACTOR: f"Only {actor}", ANYBODY: "Anybody in this account"}
    options = [{"text": plain_text(label, 75), "value": value} for value, label in choices.items()]
    who = {"type": "radio_buttons", "action_id": WHO, "options": options, "initial_option": options[0]}
    until = {"type": "datepicker", "action_id": UNTIL, "placeholder": plain_text("No end", 150)}
    blocks = [
        {"type": "section", "block_id": "about", "text": plain_text(_about(anomaly, now), 1000)},
        _input(WHO, "Who starts them", who),
        _input(LIMIT, "Up to so many dollars an hour for one launch", _limit(anomaly, now)),
        _input(UNTIL, "Until the end of this day, in UTC", until, optional=True),
    ]
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": f"{channel_id} {anomaly.anomaly_id}",
        "title": plain_text("Expected...", 24),
        "submit": plain_text("Mark expected", 24),
        "close": plain_text("Cancel", 24),
        "blocks": blocks,
    }


def _about(anomaly: Anomaly, now: datetime) -> str:
    types = expectation_of(anomaly, expectation_id="", user_id="", now=now).resource_types
    names = [plain(name, 40) for name in types[:_TYPES_NAMED]]
    if rest := len(types) - len(names):
        names.append(f"{rest} more types")
    return f"Launches of {' or '.join(names)} stay silent within these limits. Beyond them they alert as ever."


def _limit(anomaly: Anomaly, now: datetime) -> Block:
    usual = expectation_of(anomaly, expectation_id="", user_id="", now=now).max_hourly_cost
    field: Block = {"type": "number_input", "action_id": LIMIT, "is_decimal_allowed": True}
    field |= {"min_value": str(_LEAST_USD), "max_value": str(MOST_USD)}
    if usual is not None and _LEAST_USD <= usual <= MOST_USD:
        field["initial_value"] = f"{usual:.2f}"
    return field


def _input(block_id: str, label: str, element: Block, *, optional: bool = False) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label, 2000),
        "element": element,
        "optional": optional,
    }


def parse_day(text: str) -> date | None:
    """Read a day as Slack writes it; None for anything else.

    >>> parse_day("2026-03-04"), parse_day("tomorrow")
    (datetime.date(2026, 3, 4), None)
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
