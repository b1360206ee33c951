"""What scoring sees of a cost event, whether or not it is worth an anomaly: for traces."""

from engine.account_state import Scored
from engine.baselines.model import Baseline, Cell
from engine.maturity import history_days
from engine.models.cost_event import CostEvent
from engine.scoring.deviation import deviation
from engine.scoring.novelty import novelty
from engine.scoring.score import score

_UNSEEN = Cell()


def look(event: CostEvent, baseline: Baseline, launch_cost: float, sensitivity: float = 1.0) -> Scored:
    """Score an event that is not learned yet, and say what that rests on; the baseline stays as it is.

    >>> from engine.examples import launch
    >>> look(launch(), Baseline(account_id="1"), 1.0).score > 0
    True
    """
    departure = deviation(event, baseline)
    of_type = baseline.types.get(event.resource_type, _UNSEEN)
    return Scored(
        event=event,
        score=score(event, baseline, launch_cost=launch_cost, sensitivity=sensitivity).value,
        z_score=departure.z_score if departure else 0.0,
        instance_novelty=novelty(of_type.count, baseline.launches),
        actor_novelty=novelty(baseline.actors.get(event.actor.key, 0), baseline.launches),
        baseline_days=history_days(baseline, event.event_time),
    )
