"""Messages that are posted once: replies in threads, digests, questions to people, and what stands for held cards."""

from datetime import datetime

import msgspec

from engine.models.anomaly import Line
from engine.models.billing import PlanNotice
from engine.models.delivery import DeliveryState
from engine.models.pause import Resumed
from engine.models.report import AnomalyRow, DigestReport
from engine.models.spend import BudgetKind

MAIL_REFUSED = "mail_refused"  # The code of a mail that its server will never take.


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


class DigestMail(msgspec.Struct, frozen=True, kw_only=True, tag="digest_mail"):
    """The same digest, for the e-mail address in ``channel_id``, with its times in ``zone``."""

    report: DigestReport
    zone: str


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
    """Whoever was asked disowned it or, where ``is_silent``, has not answered since ``asked_at``.

    Where ``is_unreached`` the question did not come to them at all; where ``is_taken_back`` they had disowned it by
    mistake.
    """

    user_id: str
    asked_by: str
    asked_at: datetime
    is_silent: bool
    is_unreached: bool = False
    is_taken_back: bool = False


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


class HeldBack(msgspec.Struct, frozen=True, kw_only=True, tag="held_back"):
    """What had no card because its channel's alert budget was used up that day.

    Only the day is stored; the rest is read anew whenever the message is drawn: how many cards a day there
    are, how many findings had none, USD an hour of all they started, and the dearest of them.
    """

    day: str
    budget: int = 0
    total: int = 0
    hourly_cost: float = 0.0
    rows: tuple[AnomalyRow, ...] = ()


class PauseNotice(msgspec.Struct, frozen=True, kw_only=True, tag="paused"):
    """Who paused alerting."""

    by: str


class ResumeNotice(msgspec.Struct, frozen=True, kw_only=True, tag="resumed"):
    """Who let alerting go on, and what was found meanwhile."""

    resumed: Resumed


class BudgetNotice(msgspec.Struct, frozen=True, kw_only=True, tag="budget"):
    """What is spent in ``month`` passed so many ``percent`` of a budget, or is going to where ``is_forecast``."""

    kind: BudgetKind
    name: str
    month: str
    monthly_usd: float
    percent: int
    is_forecast: bool
    actual_usd: float
    forecast_usd: float


class BirthNotice(msgspec.Struct, frozen=True, kw_only=True, tag="birth"):
    """Something expensive, made ``hours`` ago by ``actor_name`` (``user_id`` in Slack, where known), was never used.

    ``measured`` are metrics in words with numbers; ``command`` ends it, as far as possible so that it can come back.
    ``others`` were started with it and idle as well.
    """

    account_id: str
    account_name: str
    region: str
    resource_type: str
    resource_id: str
    actor_name: str
    user_id: str
    since: datetime
    hours: float
    hourly_cost: float
    evidence: str
    measured: tuple[str, ...]
    command: str
    others: int
    others_hourly_cost: float


class ZombieNews(msgspec.Struct, frozen=True, kw_only=True, tag="zombies"):
    """What came of looking again, for whom asked for it: what is idle in these accounts, and what changed since.

    Costs are list USD a month. ``account`` is how one account was named, empty for all; of ``failed`` ones the reasons.
    """

    account: str
    accounts: int
    count: int
    monthly_cost: float
    unpriced: int
    new: int
    new_usd: float
    gone: int
    saved_usd: float
    failed: tuple[str, ...]


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """One message on its way. Its ``post_id`` says what it is about, so that nothing makes it twice.

    With a ``thread_ts`` it is a reply, and one that is ``broadcast`` shows in the channel as well. The states are those
    of a card's delivery, as are the other fields: ``claims`` counts who held it, so that a sender that is late knows
    that another has it. The ``message_ts`` of a mail is its Message-ID. ``wanted`` and ``shown``
    count what one that changes is to say, and what it says. ``withdrawn_by`` is who took a question back, the bot
    itself where no answer is awaited any more.
    """

    post_id: str
    content: (
        ConnectionNews
        | Joined
        | Digest
        | DigestMail
        | Question
        | Escalation
        | PlanNotice
        | HeldBack
        | PauseNotice
        | ResumeNotice
        | BudgetNotice
        | BirthNotice
        | ZombieNews
    )
    channel_id: str
    state: DeliveryState
    wanted: int = 1
    shown: int = 0
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
    withdrawn_by: str = ""


class Withdrawal(msgspec.Struct, frozen=True):
    """A question that is to be taken back, by the id of its post, and who does so."""

    post_id: str
    by: str
