"""What stands around every page of who is signed in: where one can go, who one is, and the way out."""

from typing import Final, Literal

import msgspec

from engine.models.session import Viewer
from engine.roles import Deed, may
from handlers.web.site.words import shown

DASHBOARD: Final = "/dashboard"
ANOMALIES: Final = "/anomalies"
START: Final = "/start"
PLAN: Final = "/billing"
SETTINGS: Final = "/settings"
Place = Literal["/dashboard", "/anomalies", "/start", "/billing", "/settings"]


class Entry(msgspec.Struct, frozen=True):
    """One link of the navigation."""

    path: str
    label: str


_ENTRIES = (
    (Deed.LOOK, Entry(DASHBOARD, "Dashboard")),
    (Deed.LOOK, Entry(ANOMALIES, "Anomalies")),
    (Deed.CONNECT, Entry(START, "Connect")),
    (Deed.MANAGE_PLAN, Entry(PLAN, "Plan")),
    (Deed.LOOK, Entry(SETTINGS, "Settings")),
)


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """Who looks, where they are, and where they may go."""

    name: str
    role: str
    csrf_token: str
    current: str
    entries: tuple[Entry, ...]


def frame_of(viewer: Viewer, current: Place) -> Frame:
    """The frame for somebody who looks at a page."""
    return Frame(
        name=shown(viewer.name) or shown(viewer.user_id),
        role=viewer.role.value,
        csrf_token=viewer.csrf_token,
        current=current,
        entries=tuple(entry for deed, entry in _ENTRIES if may(viewer.role, deed)),
    )
