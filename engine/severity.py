"""Severity labels: what an incident burns by the hour, whatever is done about it."""

from engine.models.anomaly import Severity
from engine.scoring.thresholds import CRITICAL_FLOOR, WARNING_FLOOR

ORDER = (Severity.INFO, Severity.WARNING, Severity.CRITICAL)


def severity_of(hourly_cost: float, *, unknown_price: bool = False, upfront_cost: float | None = None) -> Severity:
    """Label a group's USD per hour, or the USD it binds at once; a price nobody knows makes it a warning, and no more.

    A purchase is a warning however cheap it is: it cannot be given back, and info would not be told.

    >>> severity_of(4.99), severity_of(5.0), severity_of(25.0)
    (<Severity.INFO: 'info'>, <Severity.WARNING: 'warning'>, <Severity.CRITICAL: 'critical'>)
    >>> severity_of(0.0, unknown_price=True)
    <Severity.WARNING: 'warning'>
    >>> severity_of(0.0, upfront_cost=8760.0)
    <Severity.CRITICAL: 'critical'>
    """
    dollars = max(hourly_cost, upfront_cost or 0.0)
    if dollars >= CRITICAL_FLOOR:
        return Severity.CRITICAL
    if dollars >= WARNING_FLOOR or unknown_price or upfront_cost is not None:
        return Severity.WARNING
    return Severity.INFO
