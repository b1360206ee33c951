"""Questions to Cost Explorer, one page each: AWS bills about a cent for every one."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from clients.aws.errors import translated
from clients.aws.roles import Roles
from clients.aws.spend.reading import METRIC, read_anomalies, read_days, read_forecast
from engine.models.account import AwsAccount
from engine.models.spend import AwsAnomaly, DayBill, Forecast

_BAND_PERCENT = 80
_NOT_USAGE = ["Credit", "Refund", "Tax"]
_HOME, _CHINAS_HOME = "us-east-1", "cn-northwest-1"


class CostExplorer:
    """Asks through the customer's role. A payer's sees its whole organisation, so questions name the account."""

    def __init__(self, roles: Roles) -> None:
        self._roles = roles

    async def fetch_days(
        self, account: AwsAccount, first_day: date, until: date, token: str = ""
    ) -> tuple[list[DayBill], str]:
        """A page of the days before ``until`` by service, and the next page's token, if any. Raises UpstreamError."""
        answer = await self._ask(
            account,
            "get_cost_and_usage",
            TimePeriod=_period(first_day, until),
            Granularity="DAILY",
            Metrics=[METRIC],
            GroupBy=[{"Type": "DIMENSION", "Key": "SERVICE"}],
            Filter=_usage_of(account.account_id),
            **({"NextPageToken": token} if token else {}),
        )
        return read_days(account.account_id, answer), str(answer.get("NextPageToken") or "")

    async def fetch_tag_days(
        self, account: AwsAccount, key: str, first_day: date, until: date, token: str = ""
    ) -> tuple[list[DayBill], str]:
        """A page of the days before ``until`` by a tag's values, and the next page's token. Raises UpstreamError."""
        answer = await self._ask(
            account,
            "get_cost_and_usage",
            TimePeriod=_period(first_day, until),
            Granularity="DAILY",
            Metrics=[METRIC],
            GroupBy=[{"Type": "TAG", "Key": key}],
            Filter=_usage_of(account.account_id),
            **({"NextPageToken": token} if token else {}),
        )
        return read_days(account.account_id, answer, tag=key), str(answer.get("NextPageToken") or "")

    async def fetch_forecast(self, account: AwsAccount, first_day: date, until: date) -> Forecast:
        """What AWS expects from today on, until then. Raises UpstreamError: Rejected where AWS knows too little."""
        answer = await self._ask(
            account,
            "get_cost_forecast",
            TimePeriod=_period(first_day, until),
            Granularity="DAILY",
            Metric="UNBLENDED_COST",
            Filter=_usage_of(account.account_id),
            PredictionIntervalLevel=_BAND_PERCENT,
        )
        return read_forecast(first_day, answer)

    async def fetch_anomalies(
        self, account: AwsAccount, first_day: date, until: date, token: str = ""
    ) -> tuple[list[AwsAnomaly], str]:
        """A page of what AWS's own detection found until then, and the next page's token. Raises UpstreamError."""
        answer = await self._ask(
            account,
            "get_anomalies",
            DateInterval={"StartDate": first_day.isoformat(), "EndDate": (until - timedelta(days=1)).isoformat()},
            **({"NextPageToken": token} if token else {}),
        )
        return read_anomalies(account.account_id, answer), str(answer.get("NextPageToken") or "")

    async def _ask(self, account: AwsAccount, operation: str, **parameters: Any) -> Mapping[str, Any]:
        doing = f"Asking Cost Explorer of account {account.account_id}"
        async with translated(doing), self._roles.acting(account, "ce", _home(account), doing=doing) as client:
            answer: Mapping[str, Any] = await client.call(operation, **parameters)
            return answer


def _home(account: AwsAccount) -> str:
    """Cost Explorer has one Region in each partition."""
    return _CHINAS_HOME if account.role_arn.startswith("arn:aws-cn:") else _HOME


def _period(first_day: date, until: date) -> dict[str, str]:
    return {"Start": first_day.isoformat(), "End": until.isoformat()}


def _usage_of(account_id: str) -> dict[str, Any]:
    return {
        "And": [
            {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [account_id]}},
            {"Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": _NOT_USAGE}}},
        ]
    }
