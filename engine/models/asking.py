"""A question to the person behind an incident: was this you?"""

from datetime import datetime
from enum import StrEnum

import msgspec


class AskState(StrEnum):
    """What became of a question.

    ``UNREACHED`` is one that Slack did not bring to the person, ``DROPPED`` one that nobody needs answered any more,
    ``WITHDRAWN`` one that somebody took back before it was answered.
    """

    WAITING = "waiting"
    MINE = "mine"
    NOT_MINE = "not_mine"
    SILENT = "silent"
    UNREACHED = "unreached"
    DROPPED = "dropped"
    WITHDRAWN = "withdrawn"


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """Who asked whom about an incident, and what came of it.

    ``channel_id`` and ``message_ts`` are the card's: in its thread people are told of "not mine", and of silence from
    ``answer_by`` on. ``settled_at`` is when it stopped waiting, ``withdrawn_by`` who took it back, if somebody did.
    ``corrections`` counts how often the answer was undone for the other one.
    """

    ask_id: str
    user_id: str
    asked_by: str
    asked_at: datetime
    answer_by: datetime
    channel_id: str
    message_ts: str
    state: AskState = AskState.WAITING
    settled_at: datetime | None = None
    withdrawn_by: str = ""
    corrections: int = 0
