"""A fixed limit on what a launch may cost: what most people begin with."""

from bench.detection.cards import Detector, alarm_by_event


def fixed(usd_per_hour: float) -> Detector:
    """Alarm on every launch of at least so much."""
    return lambda account: alarm_by_event(account, lambda event: (event.hourly_cost or 0.0) >= usd_per_hour)
