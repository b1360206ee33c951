"""Anomalies as rows of a list."""

from collections.abc import Collection, Sequence

import msgspec

from engine.models.account import AwsAccount
from engine.models.anomaly import Anomaly
from engine.models.report import AnomalyRow


def rows_of(
    anomalies: Sequence[Anomaly], accounts: Sequence[AwsAccount], held: Collection[str] = ()
) -> tuple[AnomalyRow, ...]:
    """Give a row for each anomaly; an account that is gone goes by its number. ``held`` are ids without a card."""
    names = {account.account_id: account.name for account in accounts}
    rows = (_row(one, names.get(one.account_id, one.account_id)) for one in anomalies)
    return tuple(msgspec.structs.replace(row, is_held=row.anomaly_id in held) for row in rows)


def _row(anomaly: Anomaly, account_name: str) -> AnomalyRow:
    return AnomalyRow(
        anomaly_id=anomaly.anomaly_id,
        severity=anomaly.severity,
        status=anomaly.status,
        resource_type=anomaly.lead.resource_type,
        quantity=anomaly.lead_quantity,
        regions=tuple(dict.fromkeys(line.region for line in anomaly.lines)),
        actor_name=anomaly.actor.name,
        account_name=account_name,
        hourly_cost=None if anomaly.unknown_price and not anomaly.hourly_cost else anomaly.hourly_cost,
        first_event_time=anomaly.first_event_time,
        ended_at=anomaly.ended_at,
        upfront_cost=anomaly.upfront_cost,
        other_types=anomaly.other_types,
        unknown_price=anomaly.unknown_price,
    )
