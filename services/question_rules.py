"""What may be done about a question as it stands; every refusal says why."""

from engine.asking import is_moot, is_waiting
from engine.errors import InputError
from engine.models.anomaly import Anomaly
from engine.models.asking import Ask, AskState

_ANSWERS = {AskState.MINE: "that it is theirs", AskState.NOT_MINE: "that it is not theirs"}
_OVER = {
    AskState.SILENT: "the half hour was over, and the card's thread was told",
    AskState.UNREACHED: "Slack did not bring the question to them",
    AskState.DROPPED: "it has stopped or was judged meanwhile, so nobody waits for an answer any more",
}
_ASKED_ALREADY = "Nothing changed: <@{user}> was asked already, and has not answered yet."
_MOOT = "Nothing changed: this has stopped or was judged already, so nobody needs to be asked."


def require_open_question(anomaly: Anomaly) -> None:
    """Raise InputError, with what to say, when nobody is to be asked (any more)."""
    if is_moot(anomaly):
        raise InputError(_MOOT)
    if anomaly.asked is not None and is_waiting(anomaly):
        raise InputError(_ASKED_ALREADY.format(user=anomaly.asked.user_id))


def require_answerable(anomaly: Anomaly, ask_id: str, user_id: str) -> Ask:
    """Give the question that this person may answer; raise InputError, with what to say, when there is none."""
    ask = anomaly.asked
    if ask is None or ask.ask_id != ask_id:
        raise InputError("Nothing changed: this question is an old one; a newer one took its place.")
    if ask.user_id != user_id:
        raise InputError(f"Nothing changed: only <@{ask.user_id}> can answer this question.")
    if ask.state is AskState.WITHDRAWN:
        raise InputError(f"Nothing changed: <@{ask.withdrawn_by}> took this question back. You need not answer it.")
    if ask.state in _ANSWERS:
        raise InputError(f"Nothing changed: you have answered {_ANSWERS[ask.state]}.")
    if ask.state is AskState.SILENT:
        raise InputError("Nothing changed: the half hour is over, and your colleagues were told. Talk to them there.")
    if is_moot(anomaly) or ask.state is AskState.DROPPED:
        raise InputError("Nothing changed: it has stopped or was judged meanwhile, so no answer is needed any more.")
    return ask


def require_other_answer(anomaly: Anomaly, ask_id: str, user_id: str, answer: AskState) -> Ask:
    """Give the question whose answer this person may undo for this one; raise InputError, with what to say."""
    ask = anomaly.asked
    if ask is None or ask.ask_id != ask_id or ask.state not in _ANSWERS:
        raise InputError("Nothing changed: this question is an old one; a newer one took its place.")
    if ask.user_id != user_id:
        raise InputError(f"Nothing changed: only <@{ask.user_id}> can answer this question.")
    if ask.state is answer:
        raise InputError(f"Nothing changed: you have answered {_ANSWERS[answer]}.")
    if is_moot(anomaly):
        raise InputError("Nothing changed: it has stopped or was judged meanwhile, so no answer is needed any more.")
    return ask


def require_waiting(anomaly: Anomaly, ask_id: str) -> Ask:
    """Give the question that may be taken back; raise InputError, with what to say, when it waits no more."""
    ask = anomaly.asked
    if ask is None or ask.ask_id != ask_id:
        raise InputError("Nothing changed: this card is an old one; look at the newest.")
    if ask.state is AskState.WAITING:
        return ask
    if ask.state is AskState.WITHDRAWN:
        raise InputError(f"Nothing changed: <@{ask.withdrawn_by}> took this question back.")
    why = _OVER.get(ask.state) or f"<@{ask.user_id}> has answered {_ANSWERS[ask.state]}"
    raise InputError(f"Nothing changed: {why}.")
