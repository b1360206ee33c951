"""What an account holds besides its instances: volumes, snapshots, addresses and gateways, with their metrics."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from demo.aws_account.wire import SignedCall, Tree

SETS = {
    "DescribeAddresses": "addressesSet",
    "DescribeImages": "imagesSet",
    "DescribeNatGateways": "natGatewaySet",
    "DescribeRouteTables": "routeTableSet",
    "DescribeSnapshots": "snapshotSet",
    "DescribeVolumes": "volumeSet",
    "DescribeVpcEndpoints": "vpcEndpointSet",
}
"""Which element holds what an EC2 operation describes."""

EMPTY: Mapping[str, Tree] = {
    "elasticache:DescribeCacheClusters": {"CacheClusters": []},
    "elasticloadbalancing:DescribeLoadBalancers": {"LoadBalancers": []},
    "elasticloadbalancing:DescribeTargetGroups": {"TargetGroups": []},
    "monitoring:ListMetrics": {"Metrics": []},
    "rds:DescribeDBInstances": {"DBInstances": []},
    "rds:DescribeDBSnapshots": {"DBSnapshots": []},
    "redshift:DescribeClusters": {"Clusters": []},
    "dynamodb:ListTables": {"TableNames": []},
    "ecs:ListClusters": {"clusterArns": []},
    "elasticmapreduce:ListClusters": {"Clusters": []},
    "kinesis:ListStreams": {"StreamNames": [], "HasMoreStreams": False},
    "logs:DescribeLogGroups": {"logGroups": []},
    "sagemaker:ListEndpoints": {"Endpoints": []},
    "sagemaker:ListNotebookInstances": {"NotebookInstances": []},
    "tagging:GetResources": {"ResourceTagMappingList": []},
    "bedrock:ListProvisionedModelThroughputs": {"provisionedModelSummaries": []},
    "eks:ListClusters": {"clusters": []},
    "es:ListDomainNames": {"DomainNames": []},
    "kafka:ListClustersV2": {"clusterInfoList": []},
    "lambda:ListFunctions": {"Functions": []},
}
"""Services of which the account uses nothing, with the answer that says so."""


@dataclass
class Estate:
    """Everything is put there as EC2 describes it; nothing moves by itself.

    ``metrics`` has the same value for every day of a metric of a resource, by metric and resource id.
    """

    described: dict[tuple[str, str], list[Tree]] = field(default_factory=dict)
    metrics: dict[tuple[str, str], float] = field(default_factory=dict)

    def put(self, region: str, operation: str, *items: Tree) -> None:
        """Let an operation such as ``DescribeVolumes`` describe these in a Region, too."""
        self.described.setdefault((region, operation), []).extend(items)

    def measure(self, metric: str, resource_id: str, a_day: float) -> None:
        """Let CloudWatch have a value for every day."""
        self.metrics[metric, resource_id] = a_day


def answer(call: SignedCall, estate: Estate) -> Tree | None:
    """Describe or measure what is there; None for what is not simulated. All of a kind is on one page."""
    if call.action == "monitoring:GetMetricData":
        return _metric_data(call, estate)
    if call.service == "ec2" and call.operation in SETS:
        return {SETS[call.operation]: {"item": estate.described.get((call.region, call.operation), [])}}
    return EMPTY.get(call.action)


def _metric_data(call: SignedCall, estate: Estate) -> Tree:
    """GetMetricData, for queries of one metric each: a value for each period of the time that is asked for."""
    queries = sorted(int(found[1]) for key in call.params if (found := re.fullmatch(r".*\.member\.(\d+)\.Id", key)))
    members = [_answered(call.params, f"MetricDataQueries.member.{number}.", estate) for number in queries]
    return {"MetricDataResults": {"member": members}}


def _answered(params: Mapping[str, Any], query: str, estate: Estate) -> Tree:
    metric = f"{query}MetricStat.Metric."
    value = estate.metrics.get((params[f"{metric}MetricName"], params.get(f"{metric}Dimensions.member.1.Value", "")))
    period = timedelta(seconds=int(params[f"{query}MetricStat.Period"]))
    ends, begins = (datetime.fromisoformat(params[name]).astimezone(UTC) for name in ("EndTime", "StartTime"))
    days = [] if value is None else [ends - (one + 1) * period for one in range(math.ceil((ends - begins) / period))]
    times = [day.strftime("%Y-%m-%dT%H:%M:%SZ") for day in days]
    return {
        "Id": params[f"{query}Id"],
        "StatusCode": "Complete",
        "Timestamps": {"member": times},
        "Values": {"member": [value] * len(times)},
    }
