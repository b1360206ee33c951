"""What counts as found, and the figures of the table.

A card is right if at least a fifth of its records belong to one incident; an incident is found by the first card that
is right about it.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import quantiles

import msgspec

from bench.detection.cards import Card
from bench.detection.world import AccountWorld, Incident
from bench.detection.world.scene import EPOCH

_SHARE = 0.2
_FIRST_DAYS = timedelta(days=14)
_PERCENT = 100
_MEDIAN, _NINETIETH = 49, 89


class Tally(msgspec.Struct):
    """Everything counted over some accounts; tallies add up."""

    right: int = 0
    wrong: int = 0
    weeks: float = 0.0
    quiet_accounts: int = 0
    quiet_alerts: int = 0
    usd: float = 0.0
    usd_caught: float = 0.0
    minutes: list[float] = msgspec.field(default_factory=list)
    happened: Counter[str] = msgspec.field(default_factory=Counter)
    found: Counter[str] = msgspec.field(default_factory=Counter)

    def add(self, account: AccountWorld, cards: Sequence[Card]) -> None:
        """Count one account and the cards it got."""
        judged = [(card, _incident_of(card, account.incidents)) for card in cards]
        self.right += sum(incident is not None for _, incident in judged)
        self.wrong += sum(incident is None for _, incident in judged)
        self.weeks += account.days / 7
        if account.is_quiet:
            self.quiet_accounts += 1
            self.quiet_alerts += sum(card.at < EPOCH + _FIRST_DAYS for card in cards)
        for incident in account.incidents:
            times = [card.at for card, of in judged if of is incident]
            self._add_incident(incident, min(times, default=None))

    def _add_incident(self, incident: Incident, found_at: datetime | None) -> None:
        self.happened[incident.kind] += 1
        self.usd += incident.usd
        if found_at is not None:
            self.found[incident.kind] += 1
            self.usd_caught += incident.usd_after(found_at)
            self.minutes.append(max(0.0, (found_at - incident.began_at).total_seconds() / 60))


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table. Times are minutes of record time, None where nothing was found."""

    precision: float
    recall: float
    f1: float
    false_alerts_per_account_week: float
    quiet_alerts_first_14_days: float
    dollars_caught: float
    minutes_p50: float | None
    minutes_p90: float | None
    incidents: int
    alerts: int
    recall_by_kind: dict[str, float]


def figures(tally: Tally) -> Figures:
    """Turn counts into the figures people compare.

    >>> figures(Tally(right=1, wrong=1, weeks=2.0)).precision
    0.5
    """
    happened, found = sum(tally.happened.values()), sum(tally.found.values())
    precision, recall = _share(tally.right, tally.right + tally.wrong), _share(found, happened)
    return Figures(
        precision=precision,
        recall=recall,
        f1=_share(2 * precision * recall, precision + recall),
        false_alerts_per_account_week=_share(tally.wrong, tally.weeks),
        quiet_alerts_first_14_days=_share(tally.quiet_alerts, tally.quiet_accounts),
        dollars_caught=_share(tally.usd_caught, tally.usd),
        minutes_p50=_percentile(tally.minutes, _MEDIAN),
        minutes_p90=_percentile(tally.minutes, _NINETIETH),
        incidents=happened,
        alerts=tally.right + tally.wrong,
        recall_by_kind={kind: _share(tally.found[kind], tally.happened[kind]) for kind in sorted(tally.happened)},
    )


def _incident_of(card: Card, incidents: Sequence[Incident]) -> Incident | None:
    """The incident most of whose records are on the card, if they are at least a fifth of it."""
    shares = [(len(incident.event_ids.intersection(card.event_ids)), n) for n, incident in enumerate(incidents)]
    count, number = max(shares, default=(0, 0))
    return incidents[number] if count and count >= _SHARE * len(card.event_ids) else None


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _percentile(values: Sequence[float], number: int) -> float | None:
    if len(values) < 2:  # noqa: PLR2004 - quantiles need two values
        return values[0] if values else None
    return quantiles(values, n=_PERCENT, method="inclusive")[number]
