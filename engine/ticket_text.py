"""What a ticket about an incident says, as plain lines that each tracker puts into its own form."""

from datetime import UTC, datetime

from engine.models.anomaly import Anomaly
from engine.models.ticket import TicketDraft
from engine.remediation import stop_commands

_LONGEST_LINE = 500
_LINES, _SIGNALS, _COMMANDS = 10, 6, 10
_LONGEST_COMMANDS = 4000
_LONGEST_TITLE = 180


def marker_of(anomaly: Anomaly) -> str:
    """The word by which an incident's ticket is found again; after an undo it is another, for there will be a new one.

    >>> from engine.examples import incident, launch
    >>> marker_of(incident(launch())).startswith("dd0c-")
    True
    """
    number = f"-{anomaly.tickets_undone + 1}" if anomaly.tickets_undone else ""
    return f"dd0c-{anomaly.anomaly_id}{number}"


def draft_of(anomaly: Anomaly, account_name: str) -> TicketDraft:
    """Write the ticket.

    >>> from engine.examples import incident, launch
    >>> draft_of(incident(launch()), "prod").title
    'AWS: m5.large in eu-west-1, $1.00 an hour, by ci'
    """
    lead = anomaly.lead
    amount = f"{anomaly.lead_quantity:,} x " if anomaly.lead_quantity != 1 else ""
    title = f"AWS: {amount}{lead.resource_type} in {lead.region}, {_price(anomaly)}, by {_who(anomaly)}"
    facts = (
        f"Started: {_time(anomaly.first_event_time)}",
        f"Cost: {_price(anomaly)} (list price)",
        f"Who: {_who(anomaly)} ({anomaly.actor.key})",
        f"Account: {account_name} ({anomaly.account_id})",
        *(f"- {line.quantity:,} x {line.resource_type} in {line.region}" for line in anomaly.lines[:_LINES]),
        *(signal.text for signal in anomaly.signals[:_SIGNALS]),
    )
    commands = stop_commands(anomaly, lambda some: sum(map(len, some.stop)) <= _LONGEST_COMMANDS)
    return TicketDraft(
        title=_plain(title, _LONGEST_TITLE),
        facts=tuple(_plain(fact, _LONGEST_LINE) for fact in facts),
        commands=() if anomaly.is_commitment else commands.stop[:_COMMANDS],
        marker=marker_of(anomaly),
        since=anomaly.first_event_time,
    )


def _price(anomaly: Anomaly) -> str:
    if anomaly.upfront_cost is not None:
        return f"${anomaly.upfront_cost:,.2f} for a term"
    if anomaly.unknown_price and not anomaly.hourly_cost:
        return "price unknown"
    return f"{'at least ' if anomaly.unknown_price else ''}${anomaly.hourly_cost:,.2f} an hour"


def _who(anomaly: Anomaly) -> str:
    return anomaly.actor.name or anomaly.actor.key


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _plain(text: str, longest: int) -> str:
    """One line without control characters; backticks would end the block that keeps trackers from reading markup."""
    shown = "".join(char if char.isprintable() else " " for char in text).replace("`", "'")
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
