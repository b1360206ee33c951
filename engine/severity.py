"""Severity labels: what an incident burns by the hour, whatever is done about it."""

from engine.models.anomaly import Severity
from engine.scoring.thresholds import CRITICAL_FLOOR, WARNING_FLOOR

ORDER = (Severity.INFO, Severity.WARNING, Severity.CRITICAL)


def severity_of(hourly_cost: float, *, unknown_price: bool = False) -> Severity:
    """Label a group's USD per hour; a price nobody knows makes it a warning, and no more.

    >>> severity_of(4.99), severity_of(5.0), severity_of(25.0)
    (<Severity.INFO: 'info'>, <Severity.WARNING: 'warning'>, <Severity.CRITICAL: 'critical'>)
    >>> severity_of(0.0, unknown_price=True)
    <Severity.WARNING: 'warning'>
    """
    if hourly_cost >= CRITICAL_FLOOR:
        return Severity.CRITICAL
    if hourly_cost >= WARNING_FLOOR or unknown_price:
        return Severity.WARNING
    return Severity.INFO
