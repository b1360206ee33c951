"""An incident's ticket on its card, and the settings of the system that holds tickets."""

from blocks.text import link, mention, when
from engine.models.anomaly import Anomaly
from engine.models.ticket import TRACKER_NAMES


def ticket_line(anomaly: Anomaly) -> str:
    """The ticket's key with a link to it, or that it is being made."""
    ticket = anomaly.ticket
    if ticket is None:
        return ""
    name = TRACKER_NAMES[ticket.kind]
    if not ticket.key:
        return f"{mention(ticket.by)} wants a ticket in {name} {when(ticket.at, 'since')}; it is not there yet"
    return f"Ticket {link(ticket.url, ticket.key)} in {name}, by {mention(ticket.by)}"
