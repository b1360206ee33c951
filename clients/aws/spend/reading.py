"""Cost Explorer's answers as our own models."""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from engine.errors import Unavailable
from engine.models.spend import USD, AwsAnomaly, DayBill, Forecast, ServiceCost
from engine.spend_tags import value_of

METRIC = "UnblendedCost"
_NAME = 200
_CURRENCY = 10
_LEAST = 0.000_000_1  # AWS lists every service that was ever used, most of them with nothing.


def read_days(account_id: str, answer: Mapping[str, Any], tag: str = "") -> list[DayBill]:
    """Read a page of GetCostAndUsage, daily and by service or ``tag``. Raises Unavailable for what is no such page."""
    return [_day(account_id, one, tag) for one in _items(answer, "ResultsByTime")]


def read_forecast(first_day: date, answer: Mapping[str, Any]) -> Forecast:
    """Read the sum of a daily forecast; the bounds of its days are added up. Raises Unavailable."""
    days = _items(answer, "ForecastResultsByTime")
    total = _mapping(answer.get("Total"))
    mean = _number(total.get("Amount"))
    return Forecast(
        first_day=first_day,
        mean=mean,
        low=_sum(days, "PredictionIntervalLowerBound", mean),
        high=_sum(days, "PredictionIntervalUpperBound", mean),
        currency=_currency(total),
    )


def read_anomalies(account_id: str, answer: Mapping[str, Any]) -> list[AwsAnomaly]:
    """Read a page of GetAnomalies. What a payer's account sees of other accounts is left out. Raises Unavailable."""
    found = (_anomaly(account_id, one) for one in _items(answer, "Anomalies"))
    return [one for one in found if one is not None]


def _day(account_id: str, result: Mapping[str, Any], tag: str) -> DayBill:
    costs = (_cost(group, tag) for group in _items(result, "Groups"))
    return DayBill(
        account_id=account_id,
        day=_date(_mapping(result.get("TimePeriod")).get("Start")),
        costs=tuple(cost for cost in costs if abs(cost.amount) >= _LEAST),
        is_estimated=bool(result.get("Estimated")),
    )


def _cost(group: Mapping[str, Any], tag: str) -> ServiceCost:
    keys = group.get("Keys")
    if not isinstance(keys, list) or not keys:
        raise _malformed("a group without a name")
    metric = _mapping(_mapping(group.get("Metrics")).get(METRIC))
    name = value_of(str(keys[0]), tag) if tag else str(keys[0])
    return ServiceCost(name[:_NAME], _number(metric.get("Amount")), _currency(metric))


def _anomaly(account_id: str, found: Mapping[str, Any]) -> AwsAnomaly | None:
    causes = _items(found, "RootCauses")
    own = [one for one in causes if str(one.get("LinkedAccount") or account_id) == account_id]
    if causes and not own:
        return None
    cause = own[0] if own else {}
    last = found.get("AnomalyEndDate")
    return AwsAnomaly(
        aws_anomaly_id=str(found.get("AnomalyId") or "")[:_NAME],
        account_id=account_id,
        first_day=_date(found.get("AnomalyStartDate")),
        last_day=_date(last) if last else None,
        service=str(cause.get("Service") or found.get("DimensionValue") or "")[:_NAME],
        region=str(cause.get("Region") or "")[:_NAME],
        usage_type=str(cause.get("UsageType") or "")[:_NAME],
        impact=_number(_mapping(found.get("Impact")).get("TotalImpact", 0)),
    )


def _sum(days: Sequence[Mapping[str, Any]], name: str, mean: float) -> float:
    """What AWS gives no bounds for is expected as it says."""
    return sum(_number(one[name]) for one in days) if days and all(name in one for one in days) else mean


def _currency(metric: Mapping[str, Any]) -> str:
    return str(metric.get("Unit") or USD)[:_CURRENCY]


def _number(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise _malformed("an amount that is no number")
    return number


def _date(value: object) -> date:
    """A day; AWS writes some with the time of day behind it."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise _malformed("a day that is none") from None


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _malformed("a part that is missing")
    return value


def _items(answer: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    items = answer.get(name, [])
    if not isinstance(items, list):
        raise _malformed(f"no list of {name}")
    return [_mapping(one) for one in items]


def _malformed(what: str) -> Unavailable:
    return Unavailable(f"Cost Explorer's answer has {what}.", code="MalformedAnswer")
