"""The modal behind *Expected...*: by whom, up to what and until when launches of a card's types stay silent."""

from datetime import date, datetime

from blocks.card import Block, plain_text
from blocks.text import plain, short_actor
from engine.models.anomaly import Anomaly
from engine.verdicts import expectation_of

CALLBACK = "anomaly.expected"
WHO, COUNTED, LIMIT, QUANTITY, UNTIL = "who", "counted", "limit", "quantity", "until"
ACTOR, ANYBODY = "actor", "anybody"
LAUNCH, TOTAL = "launch", "total"
MOST_RUNNING = 1_000_000
MOST_USD = 100_000

_TYPES_NAMED = 3
_LEAST_USD = 0.01


def expected_modal(anomaly: Anomaly, now: datetime, channel_id: str) -> Block:
    """Ask for the terms; what *Mark expected* would take is filled in. The form remembers the card it is about."""
    actor = short_actor(anomaly.actor.name or anomaly.actor.key, 60)
    who = _choice(WHO, {ACTOR: f"Only {actor}", ANYBODY: "Anybody in this account"})
    until = {"type": "datepicker", "action_id": UNTIL, "placeholder": plain_text("No end", 150)}
    blocks = [
        {"type": "section", "block_id": "about", "text": plain_text(_about(anomaly, now), 1000)},
        _input(WHO, "Who starts them", who),
        _input(LIMIT, "Up to so many dollars an hour", _limit(anomaly, now), optional=True),
        *_totals(anomaly),
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


def _totals(anomaly: Anomaly) -> list[Block]:
    """Whether the limits are for each launch or for all that runs; purchases do not run."""
    if anomaly.is_commitment:
        return []
    quantity: Block = {"type": "number_input", "action_id": QUANTITY, "is_decimal_allowed": False}
    quantity |= {"min_value": "1", "max_value": str(MOST_RUNNING)}
    counted = {LAUNCH: "Each launch", TOTAL: "All of these types that runs in this account at a time"}
    return [
        _input(COUNTED, "What the limit is for", _choice(COUNTED, counted)),
        _input(QUANTITY, "At most so many running at a time", quantity, optional=True),
    ]


def _choice(action_id: str, choices: dict[str, str]) -> Block:
    """Radio buttons, the first of them chosen."""
    options = [{"text": plain_text(label, 75), "value": value} for value, label in choices.items()]
    return {"type": "radio_buttons", "action_id": action_id, "options": options, "initial_option": options[0]}


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
