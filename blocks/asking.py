"""The question whether something was somebody's own doing: what is asked, and what the card says of it."""

from blocks.anomaly_words import account, cost_of, describe_lines
from blocks.card import Block, Card, button, context, header, plain_text, repeat_note, section
from blocks.text import mention, when
from engine.asking import is_moot
from engine.models.anomaly import Anomaly
from engine.models.asking import AskState
from engine.models.audit import ITSELF
from engine.models.post import Escalation, Question

MINE = "ask.mine"
NOT_MINE = "ask.not_mine"
CORRECT = "ask.correct"
CALLBACK = "ask.person"
PERSON = "person"
_ANSWERS = {
    AskState.MINE: "says that this is theirs",
    AskState.NOT_MINE: "says that this is *not* theirs",
    AskState.SILENT: "was asked whether this is theirs, and did not answer",
    AskState.UNREACHED: "could not be asked: Slack takes no direct message to them",
}


def ask_line(anomaly: Anomaly) -> str:
    """What the card says of a question; nothing where none was asked, or its answer became needless."""
    ask = anomaly.asked
    if ask is None or ask.state is AskState.DROPPED or (ask.state is AskState.WAITING and is_moot(anomaly)):
        return ""
    if ask.state is AskState.WITHDRAWN:
        at = f" · {when(ask.settled_at)}" if ask.settled_at else ""
        return f"{mention(ask.withdrawn_by)} took back the question to {mention(ask.user_id)}{at}"
    if ask.state is AskState.WAITING:
        return f"{mention(ask.asked_by)} asked {mention(ask.user_id)}; waiting {when(ask.answer_by, 'until')}"
    at = f" · {when(ask.settled_at)}" if ask.settled_at else ""
    return f"{mention(ask.user_id)} {_ANSWERS[ask.state]}{at}"


def question(asked: Question, *, may_repeat: bool) -> Card:
    """What the person who may have done it is asked, in a direct message."""
    value = f"{asked.anomaly_id} {asked.ask_id}"
    blocks = [
        header("Did you start this?"),
        section("facts", "\n".join(_facts(asked))),
        {
            "type": "actions",
            "block_id": "answer",
            "elements": [
                button(MINE, "Mine", value, style="primary"),
                button(NOT_MINE, "Not mine", value, style="danger"),
            ],
        },
        context("why", [f"{mention(asked.asked_by)} asks. Without an answer {when(asked.answer_by, 'by')} {_TOLD}"]),
        *repeat_note(may_repeat=may_repeat),
    ]
    return Card("Did you start something in AWS that costs money? A colleague asks.", blocks)


_TOLD = "the others are told that there was none."


def _facts(asked: Question) -> list[str]:
    cost = cost_of(asked.hourly_cost, asked.upfront_cost, unknown_price=asked.unknown_price)
    where = account(asked.account_name, asked.account_id)
    return [*describe_lines(asked.lines), f"*Cost* {cost}", f"*Where* {where}", f"*When* {when(asked.started_at)}"]


def answered_card(anomaly_id: str, ask_id: str, *, is_mine: bool) -> Card:
    """What takes the question's place when it was answered."""
    said = "that it is yours" if is_mine else "that it is not yours; your colleagues are told"
    text = f"Thank you. You said {said}."
    other, label = (AskState.NOT_MINE, "Undo: not mine") if is_mine else (AskState.MINE, "Undo: it is mine")
    undo = button(CORRECT, label, f"{anomaly_id} {ask_id} {other.value}")
    return Card(text, [section("answered", text), {"type": "actions", "block_id": "correct", "elements": [undo]}])


def withdrawn_question(user_id: str) -> Card:
    """What takes the question's place when it was taken back, or when nobody waits for the answer any more."""
    text = f"{mention(user_id)} took back the question whether you started something. You need not answer it."
    if user_id == ITSELF:
        text = (
            "Somebody asked here whether you started something. No answer is awaited any more: the half hour is over, "
            "it has stopped, or somebody has judged it."
        )
    return Card("A question to you is over.", [section("withdrawn", text)])


def escalation(told: Escalation, *, may_repeat: bool) -> Card:
    """The reply in the card's thread that nobody stands up for what started. It calls whoever asked."""
    who, asker = mention(told.user_id), mention(told.asked_by)
    if told.is_unreached:
        text = (
            f"{asker}: {who} was *not* asked: Slack takes no direct message to them. Ask them yourself, or a colleague."
        )
    elif told.is_taken_back:
        text = f"{asker}: {who} takes that back: it *is* theirs."
    elif told.is_silent:
        text = f"{asker}: {who} was asked {when(told.asked_at, 'on')} whether this is theirs, and has not answered."
    else:
        text = f"{asker}: {who} says that this is *not* theirs. If nobody else knows it, treat it as a break-in."
    return Card(text, [section("escalation", text), *repeat_note(may_repeat=may_repeat)])


def person_modal(anomaly_id: str, channel_id: str, message_ts: str) -> Block:
    """Choose whom to ask, where the name in AWS does not tell."""
    element = {"type": "users_select", "action_id": PERSON, "placeholder": plain_text("Choose a colleague", 150)}
    said = "They get a direct message: what started, what it costs and where, with the buttons Mine and Not mine."
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": f"{channel_id} {message_ts} {anomaly_id}",
        "title": plain_text("Ask a person", 24),
        "submit": plain_text("Ask", 24),
        "close": plain_text("Cancel", 24),
        "blocks": [
            {"type": "section", "block_id": "about", "text": plain_text(said, 1000)},
            {
                "type": "input",
                "block_id": PERSON,
                "label": plain_text("Who may have started this?", 2000),
                "element": element,
            },
        ],
    }
