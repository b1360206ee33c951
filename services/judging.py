"""One record is judged, and told as spans where somebody traces."""

from collections.abc import Sequence

from engine.account_state import AccountState, Changes, Scored
from engine.models.cost_event import CostEvent
from engine.pipeline import advance
from engine.pricing import Prices
from services.ports.watching import Tracer, Value

SPAN = "anomaly_scoring"


def judge(record: Sequence[CostEvent], state: AccountState, changes: Changes, prices: Prices, tracer: Tracer) -> None:
    """Do what ``advance`` does; each cost event that was scored becomes a span of the time that took."""
    if not tracer.is_recording():
        advance(record, state, changes, prices)
        return
    began = tracer.now()
    changes.scored = []
    advance(record, state, changes, prices)
    for scored in changes.scored:
        tracer.note(SPAN, began, _attributes(scored, tracer))
    changes.scored = None


def _attributes(scored: Scored, tracer: Tracer) -> dict[str, Value]:
    """What a span may say: an account is a keyed hash, and actors and resources are not named at all.

    A rate that is not known is left out, for 0 would be a lie.
    """
    event = scored.event
    told: dict[str, Value] = {
        "cost.account_id_hash": tracer.keyed(event.account_id),
        "cost.actor_hash": tracer.keyed(event.actor.key),
        "cost.service": event.service,
        "cost.anomaly_score": scored.score,
        "cost.z_score": scored.z_score,
        "cost.instance_novelty": scored.instance_novelty,
        "cost.actor_novelty": scored.actor_novelty,
        "cost.alert_triggered": scored.told,
        "cost.baseline_days": scored.baseline_days,
        "cost.fast_path_triggered": scored.in_safety_net,
    }
    return told if event.hourly_cost is None else {**told, "cost.hourly_rate": event.hourly_cost}
