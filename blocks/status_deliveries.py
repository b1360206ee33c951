"""What ``/dd0c status`` says of cards, messages and mails that did not get through, and what can be done."""

from collections.abc import Iterator

from blocks.card import Block, button, section, shorten
from blocks.command_buttons import buttons
from blocks.text import count, escape
from engine.models.delivery import DeliveryState
from engine.models.report import DeliveryTrouble, PostTrouble, StatusReport

RESEND = "status.resend"
_SHOWN = 5
_SHORT_ID = 8
_STATES = {
    DeliveryState.PENDING: "waits for another try",
    DeliveryState.SENDING: "is being sent, and Slack has not answered yet",
    DeliveryState.SENT: "was sent",
    DeliveryState.UNCERTAIN: "may or may not have arrived",
    DeliveryState.DEAD: "was given up",
    DeliveryState.HELD: "was held back by the alert budget",
}
_MAIL = "digest_mail"
_MAILS_STATES = {**_STATES, DeliveryState.SENDING: "is being sent, and the mail server has not answered yet"}
_KINDS = {
    "joined": "Reply in a card's thread",
    "digest": "Digest",
    _MAIL: "Digest by e-mail",
    "question": "Question to a person",
    "escalation": "Reply that nobody stands up for a card",
    "connection": "News of a new account",
    "held_back": "Summary of cards held back",
    "plan": "Notice about the plan",
    "paused": "Notice of a pause",
    "resumed": "Notice that alerting goes on",
    "budget": "Notice about a budget",
    "birth": "Notice about something new that nobody uses",
    "zombies": "News of what is idle",
}
_WHAT_TO_DO = (
    "See that dd0c is a member of the alert channel and that the channel is not archived, or choose another one in "
    "`/dd0c settings`; then try again."
)

_MAILS_WHAT_TO_DO = (
    "Of e-mails: whoever runs dd0c can see by `dd0c doctor` whether the mail server takes any, and mend "
    "`DD0C_SMTP_URL` or an address in `DD0C_DIGEST_EMAILS`; then try again."
)

_Trouble = DeliveryTrouble | PostTrouble


def delivery_blocks(report: StatusReport) -> list[Block]:
    """Nothing where everything got through."""
    lines = shorten(list(_lines(report)), _SHOWN, "message")
    parts = ["\n".join(["*What did not get through*", *lines])] if lines else []
    if report.held_cards:
        cards = count(report.held_cards, "card was", "cards were")
        parts.append(f"{cards} held back by the alert budget in the last 7 days: `/dd0c anomalies` lists them.")
    if not parts:
        return []
    what_to_do = _what_to_do(report)
    again = [button(RESEND, "Try again", "resend")] if what_to_do else []
    return [section("deliveries", "\n".join([*parts, *what_to_do])), *buttons("resend", again)]


def _what_to_do(report: StatusReport) -> list[str]:
    """A mail that was refused has nothing to do with Slack's channel, nor a card with a mail server."""
    by_mail = {_is_mail(one) for one in _stuck(report) if one.state is DeliveryState.DEAD}
    return [words for is_mail, words in ((False, _WHAT_TO_DO), (True, _MAILS_WHAT_TO_DO)) if is_mail in by_mail]


def _is_mail(trouble: _Trouble) -> bool:
    return isinstance(trouble, PostTrouble) and trouble.kind == _MAIL


def _lines(report: StatusReport) -> Iterator[str]:
    """What was given up comes first: only people can help there."""
    for one in sorted(_stuck(report), key=lambda one: one.state is not DeliveryState.DEAD):
        tries = f" after {count(one.attempts, 'try', 'tries')}" if one.attempts else ""
        error = f": {escape(one.error, 200)}" if one.error.strip() else ""
        states = _MAILS_STATES if _is_mail(one) else _STATES
        yield f"• {_name(one)} {states[one.state]}{tries}{error}"


def _stuck(report: StatusReport) -> list[_Trouble]:
    return [*report.deliveries, *report.posts]


def _name(trouble: _Trouble) -> str:
    if isinstance(trouble, DeliveryTrouble):
        return f"Card {escape(trouble.anomaly_id[:_SHORT_ID])}"
    return _KINDS.get(trouble.kind, "Message")
