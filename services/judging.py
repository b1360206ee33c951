"""One record is judged, and told as spans where somebody traces, once what it did is committed."""

from collections.abc import Iterable, Sequence

import msgspec

from engine.account_state import AccountState, Changes, Scored
from engine.models.cost_event import CostEvent
from engine.pipeline import advance
from engine.pricing import Prices
from services.ports.watching import Tracer, Value

SPAN = "anomaly_scoring"


class Traced(msgspec.Struct, frozen=True):
    """What scoring saw of one record, and from when to when it was judged, in nanoseconds since 1970."""

    began: int
    ended: int
    scored: Sequence[Scored]


def judge(
    record: Sequence[CostEvent], state: AccountState, changes: Changes, prices: Prices, tracer: Tracer
) -> Iterable[Traced]:
    """Do what ``advance`` does; gives what ``tell`` makes spans of, and nothing where nobody traces."""
    if not tracer.is_recording():
        advance(record, state, changes, prices)
        return ()
    began = tracer.now()
    scored: list[Scored] = []
    changes.scored = scored
    advance(record, state, changes, prices)
    changes.scored = None
    return (Traced(began, tracer.now(), scored),)


def tell(judged: Iterable[Traced], tracer: Tracer) -> None:
    """Let each cost event that was scored be a span of the time that took.

    That is called once the batch is committed: one that is judged again, after a conflict or a crash, leaves one span
    for each cost event, as it leaves one effect.
    """
    for one in judged:
        for scored in one.scored:
            tracer.note(SPAN, one.began, _attributes(scored, tracer), ended=one.ended)


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
