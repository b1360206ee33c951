"""What somebody new may do without a word: what others in the account ordinarily do."""

from engine.baselines.activity import activity_of
from engine.baselines.levels import quantile, upper_end
from engine.baselines.model import Baseline
from engine.models.cost_event import CostEvent
from engine.scoring.thresholds import NEWCOMER_HOURS, ORDINARY_SHARE

_EVERYBODY = ""


def ordinary_cost(event: CostEvent, baseline: Baseline) -> float:
    """USD an hour that four of five launches in the account stay under, for an actor of few hours; else 0.0.

    >>> from engine.examples import launch
    >>> ordinary_cost(launch(), Baseline(account_id="1"))
    0.0
    """
    if activity_of(baseline, event.actor.key).hours >= NEWCOMER_HOURS:
        return 0.0
    counts = baseline.levels.get(_EVERYBODY, ())
    return upper_end(quantile(counts, ORDINARY_SHARE)) if counts else 0.0
