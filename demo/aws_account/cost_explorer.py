"""Cost Explorer: GetCostAndUsage by service or tag, GetCostForecast and GetAnomalies, with the real one's refusals."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from demo.aws_account.account import AwsAccount
from demo.aws_account.errors import AwsError
from demo.aws_account.wire import SignedCall, Tree

_ESTIMATED_DAYS = timedelta(days=2)
_BAND = 0.1


def answer(call: SignedCall, account: AwsAccount) -> Tree:
    """Answer one question, as the operation asks it."""
    if not account.bill.enabled:
        raise AwsError("AccessDeniedException", "User not enabled for cost explorer access")
    match call.operation:
        case "GetCostAndUsage":
            return _cost_and_usage(call.params, account)
        case "GetCostForecast":
            return _forecast(call.params, account)
    return _anomalies(call.params, account)


def _cost_and_usage(params: Mapping[str, Any], account: AwsAccount) -> Tree:
    first, until = _period(params)
    start = first + timedelta(days=_token(params))
    days = [start + timedelta(days=number) for number in range(max(0, (until - start).days))]
    page, rest = days[: account.bill.page_days], days[account.bill.page_days :]
    today = datetime.fromtimestamp(account.clock(), UTC).date()
    tag = next((one["Key"] for one in params.get("GroupBy", []) if one.get("Type") == "TAG"), None)
    results = [_result(one, account, today, tag) for one in page]
    following = {"NextPageToken": str((rest[0] - first).days)} if rest else {}
    return {
        "GroupDefinitions": params.get("GroupBy", []),
        "ResultsByTime": results,
        "DimensionValueAttributes": [],
        **following,
    }


def _result(day: date, account: AwsAccount, today: date, tag: str | None) -> dict[str, Any]:
    costs = account.bill.days.get(day, {}) if tag is None else account.bill.by_tag(day, tag)
    groups = [{"Keys": [name], "Metrics": {"UnblendedCost": _money(amount, account)}} for name, amount in costs.items()]
    return {
        "TimePeriod": {"Start": day.isoformat(), "End": (day + timedelta(days=1)).isoformat()},
        "Total": {},
        "Groups": groups,
        "Estimated": today - day < _ESTIMATED_DAYS,
    }


def _forecast(params: Mapping[str, Any], account: AwsAccount) -> Tree:
    first, until = _period(params)
    if first < datetime.fromtimestamp(account.clock(), UTC).date():
        raise AwsError("ValidationException", "Start date must not be in the past.")
    expected = account.bill.forecast
    if expected is None:
        raise AwsError("DataUnavailableException", "Insufficient amount of historical data to generate forecast.")
    days = [first + timedelta(days=number) for number in range((until - first).days)]
    results = [
        {
            "TimePeriod": {"Start": day.isoformat(), "End": (day + timedelta(days=1)).isoformat()},
            "MeanValue": str(expected),
            "PredictionIntervalLowerBound": str(expected * (1 - _BAND)),
            "PredictionIntervalUpperBound": str(expected * (1 + _BAND)),
        }
        for day in days
    ]
    return {"Total": _money(expected * len(days), account), "ForecastResultsByTime": results}


def _anomalies(params: Mapping[str, Any], account: AwsAccount) -> Tree:
    asked = params.get("DateInterval") or {}
    first, last = _day(asked.get("StartDate")), _day(asked.get("EndDate"))
    found = [one for one in account.bill.anomalies if first <= _day(one["AnomalyStartDate"][:10]) <= last]
    return {"Anomalies": found}


def _money(amount: float, account: AwsAccount) -> dict[str, str]:
    return {"Amount": f"{amount:.10f}", "Unit": account.bill.currency}


def _period(params: Mapping[str, Any]) -> tuple[date, date]:
    period = params.get("TimePeriod") or {}
    first, until = _day(period.get("Start")), _day(period.get("End"))
    if first >= until:
        raise AwsError("ValidationException", "Start date (and hour) should be before end date (and hour)")
    return first, until


def _day(text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise AwsError("ValidationException", "Invalid date") from None


def _token(params: Mapping[str, Any]) -> int:
    text = str(params.get("NextPageToken", "0"))
    if not text.isdecimal():
        raise AwsError("InvalidNextTokenException", "Invalid Next Token")
    return int(text)
