"""What of all anomalies a page is asked for: the query behind its address, and back."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

import msgspec

from engine.errors import InputError
from engine.models.anomaly import AnomalyStatus, DecisionKind, Severity
from engine.models.search import Criteria, Position
from handlers.web.api.models import ACCOUNT_ID, EARLIEST
from handlers.web.cursors import CURSOR, read_cursor
from handlers.web.site.frame import ANOMALIES
from handlers.web.site.words import STATUS_WORDS
from services.findings import UNSETTLED

ANY = ""
STATUSES = {ANY: "any", "unsettled": "needs an answer", **{one.value: STATUS_WORDS[one] for one in AnomalyStatus}}
SEVERITIES = {ANY: "any", Severity.WARNING.value: "warning or worse", Severity.CRITICAL.value: "critical"}
TOLD = {ANY: "told in Slack", "digest": "kept for the digest", "log": "only logged", "all": "everything found"}
SPANS = {"24h": "last 24 hours", "7d": "last 7 days", "30d": "last 30 days", "90d": "last 90 days", ANY: "all time"}
_SPANS = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30), "90d": timedelta(days=90)}
_ORDER = tuple(Severity)
_LONGEST_ACTOR = 2048
_CHOICES = {"status": STATUSES, "severity": SEVERITIES, "told": TOLD, "span": SPANS}


class AnomalyFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for; empty means any. ``actor`` is an actor's key, exactly."""

    status: str = ANY
    severity: str = ANY
    told: str = ANY
    span: str = ANY
    account: str = ANY
    actor: str = ANY
    cursor: str = ANY

    def path(self, **changes: str) -> str:
        """Where the same list is, with some of it changed."""
        asked = msgspec.structs.asdict(self) | changes
        given = {name: value for name, value in asked.items() if value}
        return f"{ANOMALIES}?{urlencode(given, errors='replace')}" if given else ANOMALIES


def parse_filter(query: Mapping[str, str]) -> AnomalyFilter:
    """Read an address's query. Raises InputError for what no form of ours asks.

    >>> parse_filter({"status": "open", "unheard": "of"}).status
    'open'
    """
    given = {name: query.get(name, ANY).strip() for name in AnomalyFilter.__struct_fields__}
    for name, choices in _CHOICES.items():
        if given[name] not in choices:
            raise InputError(f"There is no such {name}. Choose from the lists above the anomalies.")
    if given["account"] and not re.fullmatch(ACCOUNT_ID, given["account"], re.ASCII):
        raise InputError("An AWS account is named by its 12 digits.")
    if given["cursor"] and not re.fullmatch(CURSOR, given["cursor"]):
        raise InputError("This link to a page of anomalies is damaged. Begin again at the newest.")
    if len(given["actor"]) > _LONGEST_ACTOR:
        raise InputError("No actor has such a long name.")
    return AnomalyFilter(**given)


def criteria_of(asked: AnomalyFilter, now: datetime) -> Criteria:
    """What that means for the search."""
    span = _SPANS.get(asked.span)
    severity = Severity(asked.severity) if asked.severity else Severity.INFO
    return Criteria(
        since=now - span if span else EARLIEST,
        severities=_ORDER[_ORDER.index(severity) :],
        decisions=_decisions(asked.told),
        statuses=_statuses(asked.status),
        account_id=asked.account or None,
        actor_key=asked.actor or None,
    )


def position_of(asked: AnomalyFilter) -> Position | None:
    """Behind what the page begins; None for the first one."""
    return read_cursor(asked.cursor) if asked.cursor else None


def _decisions(told: str) -> tuple[DecisionKind, ...]:
    if told == "all":
        return tuple(DecisionKind)
    return (DecisionKind(told) if told else DecisionKind.ALERT,)


def _statuses(status: str) -> tuple[AnomalyStatus, ...]:
    if status == "unsettled":
        return UNSETTLED
    return (AnomalyStatus(status),) if status else tuple(AnomalyStatus)
