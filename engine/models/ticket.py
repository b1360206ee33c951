"""Tickets about incidents, and the systems that hold them."""

from datetime import datetime
from enum import StrEnum

import msgspec


class TrackerKind(StrEnum):
    """The systems in which tickets can be made."""

    JIRA = "jira"
    GITHUB = "github"
    LINEAR = "linear"


TRACKER_NAMES = {TrackerKind.JIRA: "Jira", TrackerKind.GITHUB: "GitHub Issues", TrackerKind.LINEAR: "Linear"}


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """An incident's ticket. Without a ``key`` it is being made since ``at``, and may or may not exist already."""

    kind: TrackerKind
    by: str
    at: datetime
    key: str = ""
    url: str = ""


class TrackerPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where a tenant's tickets go.

    ``project`` is Jira's project key, GitHub's ``owner/name`` or Linear's team key. ``login`` is the e-mail address
    that Jira wants beside the token, empty elsewhere.
    """

    kind: TrackerKind
    base_url: str
    project: str
    login: str = ""


class SealedTracker(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant's tracker as it is stored: its token is sealed."""

    place: TrackerPlace
    token: str
    connected_by: str
    connected_at: datetime


class Tracker(msgspec.Struct, frozen=True, kw_only=True):
    """A place, with the token that opens it. The token is never shown, not even where somebody prints this."""

    place: TrackerPlace
    token: str

    def __repr__(self) -> str:
        """Leave the token out."""
        return f"Tracker(place={self.place!r})"


class TicketDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What a ticket says, in plain lines. ``marker`` is how it is found again, ``since`` how far back to look."""

    title: str
    facts: tuple[str, ...]
    commands: tuple[str, ...]
    marker: str
    since: datetime


class MadeTicket(msgspec.Struct, frozen=True):
    """What a tracker says of a ticket: the key that people know it by, and its page."""

    key: str
    url: str
