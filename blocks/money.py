"""US dollars as people read them. An unknown price is said to be unknown, never shown as zero."""

import math
from decimal import ROUND_HALF_UP, Decimal

PRICE_UNKNOWN = "price not known"
# By where a price comes from, how people call it.
PRICE_SOURCES = {"list": "AWS list price", "seed": "AWS list price", "estimated": "estimated price"}
HOURS_PER_DAY = 24

_CENT = Decimal("0.01")
_MOST = 1e12
_LEAST_RATE = 1e-7
_SIGNIFICANT_DIGITS = 4


def usd(amount: float | None) -> str:
    """Return a total, exact to the cent.

    >>> usd(1234.555), usd(-3.0), usd(None)
    ('$1,234.56', '-$3.00', 'price not known')
    """
    return _format(amount, _CENT)


def per_hour(amount: float | None, unit: str = "/h") -> str:
    """Return an hourly rate with at least two decimals and at least four significant digits.

    >>> per_hour(4.08), per_hour(0.0104), per_hour(1.006), per_hour(21.957642), per_hour(None)
    ('$4.08/h', '$0.0104/h', '$1.006/h', '$21.96/h', 'price not known')
    """
    text = _format(amount, _step_of(amount))
    return text if text == PRICE_UNKNOWN else text + unit


def rates(hourly: float, *, at_least: bool = False) -> str:
    """Return an hourly and the daily cost that follows from it.

    >>> rates(48.96)
    '$48.96 per hour · $1,175.04 per day'
    """
    hour, day = per_hour(hourly, " per hour"), usd(hourly * HOURS_PER_DAY)
    return hour if hour == PRICE_UNKNOWN else f"{'at least ' if at_least else ''}{hour} · {day} per day"


def _step_of(amount: float | None) -> Decimal:
    """The smallest unit to show of a rate: a cent, or finer for small rates."""
    if amount is None or not math.isfinite(amount) or abs(amount) < _LEAST_RATE:
        return _CENT
    return min(_CENT, Decimal(1).scaleb(Decimal(str(amount)).adjusted() - _SIGNIFICANT_DIGITS + 1))


def _format(amount: float | None, step: Decimal) -> str:
    if amount is None or not math.isfinite(amount):
        return PRICE_UNKNOWN
    if abs(amount) > _MOST:
        return f"{_sign(amount)}${_MOST:,.0f} or more"
    rounded = abs(Decimal(str(amount))).quantize(step, rounding=ROUND_HALF_UP)
    whole, _, decimals = f"{rounded:,f}".partition(".")
    return f"{_sign(amount) if rounded else ''}${whole}.{decimals.rstrip('0').ljust(2, '0')}"


def _sign(amount: float) -> str:
    return "-" if amount < 0 else ""
