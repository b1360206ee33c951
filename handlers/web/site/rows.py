"""Anomalies as entries of a timeline or a list."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from blocks.anomaly_words import cost_rates, headline, regions_of
from blocks.money import usd
from blocks.text import short_actor
from engine.incidents import settle
from engine.models.anomaly import Anomaly, AnomalyStatus, Severity
from handlers.web.site.words import Badge, Moment, listed, moment, severity_badge, shown, status_badge

_REGIONS = 3
_CALM = frozenset({AnomalyStatus.EXPECTED, AnomalyStatus.RESOLVED})


class AnomalyRow(msgspec.Struct, frozen=True, kw_only=True):
    """One anomaly in a line or two. ``burnt`` is empty where nothing with a known price burnt."""

    path: str
    headline: str
    severity: Badge
    status: Badge
    tone: str
    cost: str
    burnt: str
    actor: str
    account: str
    regions: str
    when: Moment


def rows_of(anomalies: Sequence[Anomaly], account_names: Mapping[str, str], now: datetime) -> tuple[AnomalyRow, ...]:
    """Give one row for each; accounts that are gone go by their number."""
    return tuple(_row(one, account_names.get(one.account_id, "") or one.account_id, now) for one in anomalies)


def _row(anomaly: Anomaly, account: str, now: datetime) -> AnomalyRow:
    return AnomalyRow(
        path=path_of(anomaly),
        headline=headline(anomaly),
        severity=severity_badge(anomaly.severity),
        status=status_badge(anomaly.status),
        tone=tone_of(anomaly),
        cost=cost_rates(anomaly),
        burnt=burnt_by(anomaly, now),
        actor=short_actor(anomaly.actor.name or anomaly.actor.key),
        account=shown(account),
        regions=listed(regions_of(anomaly), _REGIONS),
        when=moment(anomaly.last_event_time, now),
    )


def path_of(anomaly: Anomaly) -> str:
    """Where the anomaly's page is."""
    return f"/anomalies/{anomaly.anomaly_id}"


def tone_of(anomaly: Anomaly) -> str:
    """How grave it is now: what is over or expected worries nobody any more."""
    if anomaly.status in _CALM:
        return "good"
    return "bad" if anomaly.severity is Severity.CRITICAL else "warn"


def burnt_by(anomaly: Anomaly, now: datetime) -> str:
    """What it has cost until now, or until it ended."""
    burnt = anomaly.burnt_usd if anomaly.ended_at is not None else settle(anomaly, now)[0]
    return usd(burnt) if burnt > 0 else ""
