"""Which system holds tickets, and the forms that connect one."""

from collections.abc import Iterator

from blocks.card import Block, Card, button, confirmation, plain_text, section
from blocks.form_modal import modal
from blocks.text import code, escape, mention
from engine.models.ticket import TRACKER_NAMES, SealedTracker, TrackerKind
from engine.tracker_forms import BASE_URL, LOGIN, PROJECT, TOKEN, USUAL_URLS

CONNECT = "tickets.connect"
DISCONNECT = "tickets.disconnect"
CALLBACK = "tickets.form"
FORM_TITLE = "Tickets"

_WHERE = {
    TrackerKind.JIRA: "Address of the site, such as https://acme.atlassian.net",
    TrackerKind.GITHUB: "Address of the API; another one for GitHub Enterprise Server",
    TrackerKind.LINEAR: "Address of the API",
}
_PROJECTS = {
    TrackerKind.JIRA: "Key of the project, such as OPS",
    TrackerKind.GITHUB: "Repository, as owner/name",
    TrackerKind.LINEAR: "Key of the team, such as OPS",
}
_TOKENS = {
    TrackerKind.JIRA: "API token (Atlassian account, Security, API tokens)",
    TrackerKind.GITHUB: "Fine-grained token that may read and write this repository's issues",
    TrackerKind.LINEAR: "Personal API key (Settings, Security & access) that may create issues",
}
_KEPT = "The token is kept encrypted, is sent to nobody else, and is never shown again."


def tickets(connected: SealedTracker | None) -> Card:
    """Say what is connected, and offer what can be done about it."""
    text = _connected(connected) if connected else "No ticket system is connected: cards cannot make tickets."
    buttons = [
        {**button(CONNECT, f"Connect {name}", kind.value), "action_id": f"{CONNECT}:{kind.value}"}
        for kind, name in TRACKER_NAMES.items()
    ]
    if connected:
        confirm = confirmation("Disconnect?", "The token is deleted. Tickets that were made stay.", "Disconnect")
        buttons.append(button(DISCONNECT, "Disconnect", "yes", style="danger", confirm=confirm))
    return Card(text, [section("tickets", text), {"type": "actions", "block_id": "connect", "elements": buttons}])


def _connected(connected: SealedTracker) -> str:
    place = connected.place
    name, by = TRACKER_NAMES[place.kind], mention(connected.connected_by)
    return f"Tickets go to {code(place.project)} in {name} at {escape(place.base_url)}, connected by {by}."


def connect_modal(kind: TrackerKind) -> Block:
    """Ask for all that is needed; nothing of it is looked up before somebody presses the button."""
    kept = {"type": "context", "block_id": "kept", "elements": [plain_text(_KEPT, 500)]}
    submit = plain_text("Connect", 24)
    frame = modal(FORM_TITLE, [*_inputs(kind), kept])
    return {**frame, "callback_id": CALLBACK, "private_metadata": kind.value, "submit": submit}


def _inputs(kind: TrackerKind) -> Iterator[Block]:
    yield _input(BASE_URL, _WHERE[kind], USUAL_URLS[kind])
    yield _input(PROJECT, _PROJECTS[kind])
    if kind is TrackerKind.JIRA:
        yield _input(LOGIN, "E-mail address of the account that the token belongs to")
    yield _input(TOKEN, _TOKENS[kind])


def _input(name: str, label: str, initial: str = "") -> Block:
    element: Block = {"type": "plain_text_input", "action_id": name, "max_length": 2000}
    if initial:
        element["initial_value"] = initial
    return {"type": "input", "block_id": name, "label": plain_text(label, 2000), "element": element}
