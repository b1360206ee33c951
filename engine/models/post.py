"""Messages that are posted once and never changed: replies in a card's thread, digests, and questions to people."""

from datetime import datetime

import msgspec

from engine.models.anomaly import Line
from engine.models.delivery import DeliveryState
from engine.models.report import DigestReport


class Joined(msgspec.Struct, frozen=True, kw_only=True, tag="joined"):
    """What joined an incident after its card was posted, and USD an hour of the whole incident by then.

    ``now_critical`` says that this made it critical, which its card had not been.
    """

    lines: tuple[Line, ...]
    hourly_cost: float
    unknown_price: bool
    now_critical: bool = False


class Digest(msgspec.Struct, frozen=True, kw_only=True, tag="digest"):
    """What happened in a day or a week."""

    report: DigestReport


class Question(msgspec.Struct, frozen=True, kw_only=True, tag="question"):
    """Whether what started was somebody's own doing, for that person alone. Costs are as in an Anomaly."""

    anomaly_id: str
    ask_id: str
    asked_by: str
    answer_by: datetime
    account_id: str
    account_name: str
    lines: tuple[Line, ...]
    hourly_cost: float
    upfront_cost: float | None
    unknown_price: bool
    started_at: datetime


class Escalation(msgspec.Struct, frozen=True, kw_only=True, tag="escalation"):
    """Whoever was asked disowned it or, where ``is_silent``, has not answered since ``asked_at``."""

    user_id: str
    asked_by: str
    asked_at: datetime
    is_silent: bool


class ConnectionNews(msgspec.Struct, frozen=True, kw_only=True, tag="connection"):
    """How far a new account is: the one message that goes on changing, until it ``is_done``.

    ``regions_learned`` of ``regions`` were read. ``seconds_behind`` is how old the newest record was then, None where
    there was none.
    """

    account_id: str
    account_name: str
    regions: int
    regions_learned: int = 0
    seconds_behind: float | None = None
    is_watched: bool = False
    is_done: bool = False


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """One message on its way. Its ``post_id`` says what it is about, so that nothing makes it twice.

    With a ``thread_ts`` it is a reply, and one that is ``broadcast`` shows in the channel as well. The states are those
    of a card's delivery, as are the other fields: ``claims`` counts who held it, so that a sender that is late knows
    that another has it.
    """

    post_id: str
    content: ConnectionNews | Joined | Digest | Question | Escalation
    channel_id: str
    state: DeliveryState
    due_at: datetime
    created_at: datetime
    account_id: str = ""
    thread_ts: str = ""
    broadcast: bool = False
    message_ts: str = ""
    attempts: int = 0
    claimed_at: datetime | None = None
    claimed_until: datetime | None = None
    claims: int = 0
    may_repeat: bool = False
    error: str = ""
