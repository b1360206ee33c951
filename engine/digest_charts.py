"""What a digest draws: how what anomalies burnt spreads over its time."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from engine.digests import burnt_between
from engine.models.anomaly import Anomaly
from engine.models.chart import Bar, Chart

_PARTS_OF_A_DAY = 8
_MOST_DAYS = 14
_LEAST_USD = 0.005  # What rounds to no cent is no bar.


def burnt_chart(told: Sequence[Anomaly], since: datetime, until: datetime, zone: tzinfo) -> Chart | None:
    """Give what anomalies burnt in each part of a day, or on each day; None where nothing was.

    >>> from datetime import UTC
    >>> from engine.examples import MONDAY, incident, launch
    >>> chart = burnt_chart([incident(launch())], MONDAY, MONDAY + timedelta(days=1), UTC)
    >>> chart.bars[:2]
    (Bar(label='10:00', usd=3.0), Bar(label='13:00', usd=3.0))
    """
    days = round((until - since) / timedelta(days=1))
    parts, shape = (_PARTS_OF_A_DAY, "%H:%M") if days <= 1 else (min(days, _MOST_DAYS), "%a %d %b")
    step = (until - since) / parts
    starts = [since + number * step for number in range(parts)]
    bars = tuple(Bar(one.astimezone(zone).strftime(shape), _burnt(told, one, one + step)) for one in starts)
    if len({bar.label for bar in bars}) < parts or sum(bar.usd for bar in bars) < _LEAST_USD:
        return None
    return Chart(title="Burnt by anomalies", by="from" if days <= 1 else "day", bars=bars)


def _burnt(told: Sequence[Anomaly], since: datetime, until: datetime) -> float:
    return round(sum(burnt_between(one, since, until) for one in told), 2)
