"""The picture for the documentation: quality by detector, and one incident as it was replayed."""

from datetime import datetime, timedelta
from pathlib import Path

import matplotlib

from bench.detection.contest import OURS, Row
from bench.detection.world import AccountWorld, Incident
from engine.account_state import AccountState
from engine.models.anomaly import DecisionKind
from engine.models.cost_event import Change, CostEvent
from engine.pipeline import advance, learn_history, start_changes
from engine.pricing.estimate import Prices
from engine.scoring import score
from services.replay_account import new_state

matplotlib.use("Agg")

from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, date2num

_SHOWN = "mining in small pieces"
_BEFORE = timedelta(hours=8)
_AFTER = timedelta(hours=10)
_OWN_COLOUR, _OTHER_COLOUR, _ALERT_COLOUR = "#1f6feb", "#9aa4b2", "#d1242f"

Moment = tuple[datetime, float, float]


def draw(path: Path, rows: list[Row], accounts: list[AccountWorld], prices: Prices) -> None:
    """Write the picture as PNG (or whatever the ending says)."""
    figure, (quality, burn) = pyplot.subplots(1, 2, figsize=(13, 5), width_ratios=(1, 1.4))
    _draw_quality(quality, rows)
    chosen = next(((a, i) for a in accounts for i in a.incidents if i.kind == _SHOWN and a.kind == "CI-heavy"), None)
    if chosen is not None:
        _draw_incident(burn, *chosen, prices)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def _draw_quality(axes: Axes, rows: list[Row]) -> None:
    known = [(row.detector, row.figures) for row in rows if row.figures]
    colours = [_OWN_COLOUR if name == OURS else _OTHER_COLOUR for name, _ in known]
    bars = axes.barh([name for name, _ in known], [figures.f1 for _, figures in known], color=colours)
    labels = [f"{f.f1:.2f}  ({f.false_alerts_per_account_week:.2f} false/week)" for _, f in known]
    axes.bar_label(bars, labels, padding=3, fontsize=8)
    axes.set(xlim=(0, 1.35), title="F1 by detector, and false alerts per account-week")
    axes.spines[["top", "right"]].set_visible(False)


def _draw_incident(axes: Axes, account: AccountWorld, incident: Incident, prices: Prices) -> None:
    moments, alerted = _replayed(account, incident, prices)
    times = [float(date2num(moment)) for moment, _, _ in moments]
    axes.xaxis_date()
    axes.step(times, [usd for _, usd, _ in moments], where="post", color=_OWN_COLOUR, label="running, USD an hour")
    scores = axes.twinx()
    until = len([moment for moment, _, _ in moments if alerted is None or moment <= alerted])
    scores.plot(
        times[:until], [value for _, _, value in moments[:until]], ".", color=_OTHER_COLOUR, markersize=4, label="score"
    )
    scores.axhline(1.0, color=_OTHER_COLOUR, linewidth=0.8, linestyle="--")
    scores.set_ylabel("score (1.0 alerts)")
    if alerted is not None:
        axes.axvline(float(date2num(alerted)), color=_ALERT_COLOUR, label=f"alert, {alerted:%H:%M}")
    axes.set(title=f"One incident: {incident.kind}, began {incident.began_at:%H:%M}", ylabel="USD an hour")
    axes.legend(loc="lower right")
    axes.xaxis.set_major_formatter(DateFormatter("%d %b %H:%M"))
    axes.tick_params(axis="x", rotation=30)


def _replayed(account: AccountWorld, incident: Incident, prices: Prices) -> tuple[list[Moment], datetime | None]:
    """(time, running USD an hour, score) around the incident, and when people were told."""
    state = new_state(account.account_id, account.watched[0][0].event_time)
    learn_history(account.history, state, prices)
    moments: list[Moment] = []
    for record in account.watched:
        now = record[0].event_time
        if now > incident.began_at + _AFTER:
            break
        value = _score(record[0], state)
        advance(record, state, start_changes(state), prices)
        if now >= incident.began_at - _BEFORE and value is not None:
            moments.append((now, sum(one.hourly_cost or 0.0 for one in state.resources.values() if one.running), value))
    told = [
        anomaly.detected_at
        for anomaly in state.anomalies.values()
        if anomaly.decision.kind is DecisionKind.ALERT and incident.event_ids.intersection(anomaly.event_ids)
    ]
    return moments, min(told, default=None)


def _score(event: CostEvent, state: AccountState) -> float | None:
    return score(event, state.baseline).value if event.change is Change.START else None
