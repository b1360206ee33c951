"""The buttons of an anomaly's card, and after a click who did what."""

from collections.abc import Callable
from datetime import datetime

from blocks.card import Block, button, plain_text
from blocks.money import per_hour, usd
from blocks.text import mention, plain, short_actor, when
from engine.asking import is_moot, is_waiting
from engine.models.anomaly import Anomaly, AnomalyStatus
from engine.models.person import Person
from engine.models.verdict import Expectation
from engine.roles import is_user_id
from engine.verdicts import expectation_of

MARK_EXPECTED = "anomaly.mark_expected"
NOT_EXPECTED = "anomaly.not_expected"
ACKNOWLEDGE = "anomaly.acknowledge"
SNOOZE = "anomaly.snooze"
UNDO = "anomaly.undo"
MORE = "anomaly.more"
EXPECTED_OF_OTHERS = "expected"
ASK = "ask"
UNDO_ASK = "undo_ask"
TICKET = "ticket"
UNDO_TICKET = "undo_ticket"
DETAILS = "details"

SNOOZE_CHOICES = {"1h": "1 hour", "4h": "4 hours", "24h": "24 hours", "7d": "7 days"}

_BLOCK_ID_PREFIX = "anomaly:"
_TYPES_NAMED = 3

_SHOWN = {
    AnomalyStatus.OPEN: (MARK_EXPECTED, NOT_EXPECTED, ACKNOWLEDGE, SNOOZE),
    AnomalyStatus.ACKNOWLEDGED: (MARK_EXPECTED, NOT_EXPECTED, SNOOZE, UNDO),
    AnomalyStatus.SNOOZED: (UNDO,),
    AnomalyStatus.EXPECTED: (UNDO,),
    AnomalyStatus.UNEXPECTED: (UNDO,),
    AnomalyStatus.RESOLVED: (MARK_EXPECTED, NOT_EXPECTED),
}
_DEEDS = {
    AnomalyStatus.ACKNOWLEDGED: "acknowledged this",
    AnomalyStatus.EXPECTED: "marked this expected",
    AnomalyStatus.UNEXPECTED: "called this not expected",
}


def actions_block(anomaly: Anomaly, person: Person | None = None) -> Block:
    """What can be done about the anomaly as it stands; ``block_id`` names it, because a select carries no value.

    ``person`` is who is behind it, where that is known.
    """
    elements = [_BUILDERS[action_id](anomaly) for action_id in offered(anomaly)] + [_more(anomaly, person)]
    return {"type": "actions", "block_id": _BLOCK_ID_PREFIX + anomaly.anomaly_id, "elements": elements}


def offered(anomaly: Anomaly) -> tuple[str, ...]:
    """What can be said of the anomaly as it stands, as action ids; nothing of what had been announced."""
    if anomaly.is_covered:
        return ()
    shown = _SHOWN[anomaly.status]
    return (*shown, UNDO) if UNDO not in shown and _is_snoozed(anomaly) else shown


def _is_snoozed(anomaly: Anomaly) -> bool:
    """A snooze outlasts what it was about: it goes on silencing launches after these have stopped."""
    if anomaly.status is AnomalyStatus.RESOLVED:
        return anomaly.snoozed_until is not None and bool(anomaly.status_by)
    return anomaly.status is AnomalyStatus.SNOOZED


def anomaly_id_of(block_id: str) -> str:
    """Return the anomaly an actions block is about, an empty string for blocks that are not ours.

    >>> anomaly_id_of("anomaly:7f3a"), anomaly_id_of("header")
    ('7f3a', '')
    """
    return block_id.removeprefix(_BLOCK_ID_PREFIX) if block_id.startswith(_BLOCK_ID_PREFIX) else ""


def verdict_line(anomaly: Anomaly) -> str:
    """Who did what when; empty while nobody has said anything."""
    if anomaly.is_covered:
        return "Nobody was asked, because an expectation covers it"
    if _is_snoozed(anomaly):
        until = f" {when(anomaly.snoozed_until, 'until')}" if anomaly.snoozed_until else ""
        return f"{mention(anomaly.status_by)} snoozed this{until}"
    deed = _DEEDS.get(anomaly.status)
    if deed is None:
        return ""
    at = f" · {when(anomaly.status_at)}" if anomaly.status_at else ""
    return f"{mention(anomaly.status_by)} {deed}{at}"


def meaning_of_expected(anomaly: Anomaly, now: datetime) -> str:
    """What *Mark expected* will declare, in plain words of at most 300 characters."""
    expectation = expectation_of(anomaly, expectation_id="", user_id="", now=now)
    names = [plain(name, 40) for name in expectation.resource_types[:_TYPES_NAMED]]
    if rest := len(expectation.resource_types) - len(names):
        names.append(f"{rest} more types")
    actor = short_actor(anomaly.actor.name or anomaly.actor.key, 60)
    deed = "buying" if anomaly.is_commitment else "starting"
    return f"From now on, {actor} {deed} {' or '.join(names)} {_limit(expectation)} stays silent."


def _limit(expectation: Expectation) -> str:
    if expectation.max_upfront_cost is not None:
        return f"for up to {usd(expectation.max_upfront_cost)} at once"
    limit = expectation.max_hourly_cost
    return "at any price" if limit is None else f"up to {per_hour(limit, '')} an hour per launch"


def _mark_expected(anomaly: Anomaly) -> Block:
    """One click: what it means stands below the buttons, and Undo takes it back."""
    return button(MARK_EXPECTED, "Mark expected", anomaly.anomaly_id, style="primary")


def _not_expected(anomaly: Anomaly) -> Block:
    return button(NOT_EXPECTED, "Not expected", anomaly.anomaly_id)


def _acknowledge(anomaly: Anomaly) -> Block:
    return button(ACKNOWLEDGE, "Acknowledge", anomaly.anomaly_id)


def _snooze(_anomaly: Anomaly) -> Block:
    options = [{"text": plain_text(label, 75), "value": value} for value, label in SNOOZE_CHOICES.items()]
    return {
        "type": "static_select",
        "action_id": SNOOZE,
        "placeholder": plain_text("Snooze", 150),
        "options": options,
    }


def _undo(anomaly: Anomaly) -> Block:
    return button(UNDO, "Undo", anomaly.anomaly_id)


def _more(anomaly: Anomaly, person: Person | None) -> Block:
    """What few need on most days; what was asked for here is taken back here."""
    may_expect = MARK_EXPECTED in _SHOWN[anomaly.status] and not anomaly.is_commitment
    labels = {EXPECTED_OF_OTHERS: "Expected..."} if may_expect else {}
    labels |= {**_ask_entry(anomaly, person), **_ticket_entry(anomaly), DETAILS: "Show details"}
    options = [{"text": plain_text(label, 75), "value": value} for value, label in labels.items()]
    return {"type": "overflow", "action_id": MORE, "options": options}


def _ask_entry(anomaly: Anomaly, person: Person | None) -> dict[str, str]:
    """The entry that asks names whom, if that is known, and its value says so too; the one that undoes, which."""
    if anomaly.asked is not None and is_waiting(anomaly):
        return {f"{UNDO_ASK} {anomaly.asked.ask_id}": "Undo: take the question back"}
    if is_moot(anomaly):
        return {}
    known = person if person is not None and is_user_id(person.user_id) else None
    return {f"{ASK} {known.user_id}": f"Ask {plain(known.name, 60)}"} if known else {ASK: "Ask a person..."}


def _ticket_entry(anomaly: Anomaly) -> dict[str, str]:
    """Which ticket an entry undoes is told by how many were undone before it."""
    if anomaly.ticket is None or not anomaly.ticket.key:
        return {TICKET: "Create ticket"}
    return {f"{UNDO_TICKET} {anomaly.tickets_undone}": f"Undo: unlink {plain(anomaly.ticket.key, 60)}"}


_BUILDERS: dict[str, Callable[[Anomaly], Block]] = {
    MARK_EXPECTED: _mark_expected,
    NOT_EXPECTED: _not_expected,
    ACKNOWLEDGE: _acknowledge,
    SNOOZE: _snooze,
    UNDO: _undo,
}
