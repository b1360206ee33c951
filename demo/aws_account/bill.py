"""What a simulated account's bill says, for Cost Explorer to tell."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass
class Bill:
    """Amounts by day and service. An account that never opened Cost Explorer is not ``enabled``.

    ``shares`` says for a tag's key which part of each day has which value. ``forecast`` is what each coming day is
    expected to cost, None where AWS knows too little; ``page_days`` is how many days one answer holds.
    """

    enabled: bool = True
    currency: str = "USD"
    forecast: float | None = None
    page_days: int = 400
    days: dict[date, dict[str, float]] = field(default_factory=dict)
    shares: dict[str, dict[str, float]] = field(default_factory=dict)
    anomalies: list[dict[str, Any]] = field(default_factory=list)

    def add(self, day: date, service: str, amount: float) -> None:
        """Bill one service for one day, besides what is there."""
        costs = self.days.setdefault(day, {})
        costs[service] = costs.get(service, 0.0) + amount

    def by_tag(self, day: date, key: str) -> dict[str, float]:
        """Share the day's costs out by ``shares``, as Cost Explorer names values; what is left has no such tag."""
        total, shares = sum(self.days.get(day, {}).values()), self.shares.get(key, {})
        tagged = {f"{key}${value}": total * share for value, share in shares.items()}
        return {**tagged, f"{key}$": total * (1 - sum(shares.values()))}

    def find(self, day: date, service: str, usage_type: str, impact: float, region: str = "us-east-1") -> None:
        """Let AWS's own detection have found something that lasted a day."""
        self.anomalies.append(
            {
                "AnomalyId": f"anomaly-{len(self.anomalies)}",
                "AnomalyStartDate": f"{day}T00:00:00Z",
                "AnomalyEndDate": f"{day}T00:00:00Z",
                "DimensionValue": service,
                "RootCauses": [{"Service": service, "Region": region, "UsageType": usage_type}],
                "AnomalyScore": {"MaxScore": 0.9, "CurrentScore": 0.5},
                "Impact": {
                    "MaxImpact": impact,
                    "TotalImpact": impact,
                    "TotalActualSpend": impact + 1.0,
                    "TotalExpectedSpend": 1.0,
                },
                "MonitorArn": "arn:aws:ce::111122223333:anomalymonitor/0000",
            }
        )
