"""How the demo's people use tickets: an admin connects the simulated tracker, and somebody makes a ticket of a card."""

from demo.slack_workspace.models import Message, View
from demo.stage import Stage, text_of
from demo.tracker.simulator import REPOSITORY

_SECONDS = 20.0


class TicketsError(Exception):
    """Tickets do not work; the text says where that showed."""


async def connect_tracker(stage: Stage) -> None:
    """Let Maria connect it with the form, as any customer does, and clear away what she was shown."""
    slack, maria, channel_id = stage.slack, stage.maria.user_id, stage.channel.channel_id
    await stage.type("/dd0c settings tickets")
    answer = slack.ephemerals(maria)[-1]
    await slack.click(maria, channel_id, answer.message_ts, "tickets.connect:github")
    form = await _opened(stage)
    values = {"base_url": stage.tracker.url, "project": REPOSITORY, "token": stage.tracker.token}
    await slack.submit_view(maria, form.view_id, values)
    if not await stage.until(lambda: "Connected" in text_of(form.payload), _SECONDS):
        raise TicketsError(f"the tracker was not connected:\n{text_of(form.payload)}")
    await slack.close_view(maria, form.view_id)
    slack.dismiss(answer)


async def _opened(stage: Stage) -> View:
    if not await stage.until(lambda: stage.slack.modal(stage.maria.user_id) is not None, _SECONDS):
        raise TicketsError("the form that connects a tracker did not open")
    form = stage.slack.modal(stage.maria.user_id)
    if form is None:
        raise TicketsError("the form that connects a tracker was closed")
    return form


async def make_ticket(stage: Stage, card: Message) -> str:
    """Let Sam choose *Create ticket* on a card; gives the ticket's key, which the card and the tracker show."""
    await stage.slack.select(stage.sam.user_id, card.channel_id, card.message_ts, "anomaly.more", "ticket")
    await stage.until(lambda: bool(stage.tracker.issues) and REPOSITORY in text_of(card), _SECONDS)
    if not stage.tracker.issues:
        raise TicketsError("no ticket was made")
    key = f"{REPOSITORY}#{stage.tracker.issues[-1].number}"
    if key not in text_of(card):
        raise TicketsError(f"the card does not show the ticket {key}:\n{text_of(card)}")
    return key
