"""Purchases for a term: no hourly cost to compare, and no way back, so each is worth a look."""

from engine.models.anomaly import Score, Signal
from engine.models.cost_event import CostEvent
from engine.scoring.point import impact
from engine.scoring.sentences import money
from engine.scoring.thresholds import POINT_THRESHOLD


def commitment_score(event: CostEvent) -> Score:
    """At least 1.0, more with the dollars it binds.

    >>> from engine.examples import launch
    >>> plan = launch(resource_type="savings_plan", hourly_cost=0.0, upfront_cost=8760.0)
    >>> commitment_score(plan).signals[0].text
    'ci bought savings_plan for a term: $8,760.00 that cannot be given back.'
    """
    value = max(1.0, impact(event.upfront_cost) / POINT_THRESHOLD)
    return Score(value, (Signal("commitment", value, _sentence(event)),))


def _sentence(event: CostEvent) -> str:
    price = "the record does not tell the price, and it" if event.upfront_cost is None else money(event.upfront_cost)
    that = "" if event.upfront_cost is None else " that"
    many = f"{event.quantity} x " if event.quantity > 1 else ""
    return f"{event.actor.name} bought {many}{event.resource_type} for a term: {price}{that} cannot be given back."
