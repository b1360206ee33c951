"""What may be asked about an incident, and what an answer does to it."""

import re
from datetime import datetime, timedelta

import msgspec

from engine.models.anomaly import JUDGED, Anomaly
from engine.models.asking import Ask, AskState
from engine.models.cost_event import Actor, ActorKind

PATIENCE = timedelta(minutes=30)
_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")


def email_of(actor: Actor) -> str:
    """The e-mail address that a person's session bears, in small letters; empty where there is none.

    IAM Identity Center names sessions after people. A role's session name is whatever its caller liked, so it is no
    name of theirs.

    >>> from engine.models.cost_event import ActorKind
    >>> email_of(Actor("r/Maria@acme.example", ActorKind.PERSON, "Maria@acme.example"))
    'maria@acme.example'
    >>> email_of(Actor("arn:aws:iam::1:role/maria@acme.example", ActorKind.ROLE, "maria@acme.example"))
    ''
    """
    is_address = actor.kind is ActorKind.PERSON and _EMAIL.fullmatch(actor.name)
    return actor.name.lower() if is_address else ""


def is_moot(anomaly: Anomaly) -> bool:
    """Whether nobody needs an answer any more: it has ended, or somebody has judged it.

    >>> from engine.examples import incident, launch
    >>> is_moot(incident(launch()))
    False
    """
    return anomaly.ended_at is not None or anomaly.status in JUDGED


def is_waiting(anomaly: Anomaly) -> bool:
    """Whether somebody was asked and has not answered.

    >>> from engine.examples import incident, launch
    >>> is_waiting(incident(launch()))
    False
    """
    return anomaly.asked is not None and anomaly.asked.state is AskState.WAITING


def with_question(anomaly: Anomaly, ask: Ask) -> Anomaly:
    """Give the anomaly with a question under way; an earlier one was settled.

    >>> from engine.examples import MONDAY, incident, launch
    >>> ask = Ask(ask_id="a", user_id="U1", asked_by="U2", asked_at=MONDAY, answer_by=MONDAY + PATIENCE,
    ...     channel_id="C1", message_ts="1.0")
    >>> is_waiting(with_question(incident(launch()), ask))
    True
    """
    return msgspec.structs.replace(anomaly, asked=ask, revision=anomaly.revision + 1)


def settled(anomaly: Anomaly, state: AskState, at: datetime) -> Anomaly:
    """Give the anomaly with its question settled; without one it stays as it is.

    >>> from engine.examples import MONDAY, incident, launch
    >>> settled(incident(launch()), AskState.MINE, MONDAY).asked is None
    True
    """
    if anomaly.asked is None:
        return anomaly
    asked = msgspec.structs.replace(anomaly.asked, state=state, settled_at=at)
    return msgspec.structs.replace(anomaly, asked=asked, revision=anomaly.revision + 1)


def withdrawn(anomaly: Anomaly, user_id: str, at: datetime) -> Anomaly:
    """Give the anomaly with its question taken back; without one it stays as it is.

    >>> from engine.examples import MONDAY, incident, launch
    >>> withdrawn(incident(launch()), "U1", MONDAY).asked is None
    True
    """
    after = settled(anomaly, AskState.WITHDRAWN, at)
    if after.asked is None:
        return after
    return msgspec.structs.replace(after, asked=msgspec.structs.replace(after.asked, withdrawn_by=user_id))


def corrected(anomaly: Anomaly, answer: AskState, at: datetime) -> Anomaly:
    """Give the anomaly with the other answer; without a question it stays as it is.

    >>> from engine.examples import MONDAY, incident, launch
    >>> corrected(incident(launch()), AskState.MINE, MONDAY).asked is None
    True
    """
    after = settled(anomaly, answer, at)
    if after.asked is None:
        return after
    return msgspec.structs.replace(
        after, asked=msgspec.structs.replace(after.asked, corrections=after.asked.corrections + 1)
    )
