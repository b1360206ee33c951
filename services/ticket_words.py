"""What people are told about tickets: why there is none, what to do, and what an undo left behind."""

from datetime import timedelta

from engine.errors import AccessDenied, InputError, NotFound, Rejected, Throttled
from engine.models.anomaly import Anomaly
from engine.models.ticket import TRACKER_NAMES, Ticket, TrackerKind

CLAIM = timedelta(minutes=2)
SETTINGS = "`/dd0c settings tickets`"
NONE = f"No ticket system is connected. An admin connects one: {SETTINGS}."
NO_KEYS = (
    "Tokens of ticket systems are kept encrypted, and this bot has no key for that: whoever runs it sets "
    "DD0C_ENCRYPTION_KEYS."
)
COMMENT = (
    "dd0c/cost: in Slack, this ticket was taken off the incident it is about. It stays open, but the incident does not "
    "show it any more. A new ticket may be made for it."
)
BUSY = "The incident changes all the time. Try again in a moment."


def require_none(ticket: Ticket | None, claim: Ticket) -> None:
    """Raise InputError, with what to say, where there is a ticket already or somebody makes one."""
    if ticket is None:
        return
    if ticket.key:
        raise InputError(f"Nothing changed: <@{ticket.by}> made ticket {ticket.key}.")
    if claim.at < ticket.at + CLAIM:
        raise InputError(f"Nothing changed: <@{ticket.by}> is having the ticket made just now.")


def require_made(anomaly: Anomaly, number: int) -> Ticket:
    """Give the ticket that may be undone, the one after ``number`` others; raise InputError, with what to say."""
    ticket = anomaly.ticket
    if ticket is not None and ticket.key and anomaly.tickets_undone == number:
        return ticket
    why = "this card is an old one; look at the newest" if ticket else "the ticket is off this card already"
    raise InputError(f"Nothing changed: {why}.")


def advice(kind: TrackerKind, error: Exception) -> str:
    """What is wrong and what to do about it."""
    name = TRACKER_NAMES[kind]
    if isinstance(error, AccessDenied):
        return f"{name} refuses the token: it has ended or lacks rights. An admin connects a new one: {SETTINGS}."
    if isinstance(error, NotFound):
        return f"{name} does not know the project, or does not show it to this token. An admin looks at {SETTINGS}."
    if isinstance(error, Throttled):
        return f"{name} has had too many requests. Try again in {max(1, round((error.retry_after or 60) / 60))} min."
    if isinstance(error, Rejected):
        return f"{name} does not take it. {error}"
    return f"{name} does not answer. Try again in a few minutes; if that goes on, look at its address."


def in_doubt(kind: TrackerKind) -> str:
    """That nobody knows whether there is a ticket, and how that is found out."""
    minutes = round(CLAIM.total_seconds() / 60)
    return (
        f"{TRACKER_NAMES[kind]} did not answer, so nobody knows whether the ticket was made. Choose Create ticket "
        f"again in {minutes} minutes: it is looked for before another one is made."
    )


def undone(ticket: Ticket, *, is_commented: bool) -> str:
    """What became of a ticket that was taken off its card; it must not be escaped."""
    where = f"It stays open in {TRACKER_NAMES[ticket.kind]}"
    said = "a comment there says so" if is_commented else "no comment could be written there, so tell who works on it"
    return f"Ticket {ticket.key} is off the card. {where}; {said}. Create ticket in the card's menu makes a new one."
