"""What AWS's bill says: its months, its services by our names, and why it may say nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from engine.models.spend import USD, DayBill

_LONGEST_MONTH = timedelta(days=31)
_MOST = 300

_WORDS = {
    "AccessDeniedException": "dd0c may not ask Cost Explorer, or it was never switched on in this account",
    "DataUnavailableException": "AWS has too little to go by yet; a newly enabled Cost Explorer needs up to a day",
    "BillExpirationException": "AWS says that the asked time is no longer kept",
    "LimitExceededException": "AWS takes no more questions for now",
    "RequestChangedException": "AWS lost the place between two pages",
    "InvalidNextTokenException": "AWS lost the place between two pages",
    "MalformedAnswer": "AWS's answer could not be read",
}

FAMILIES = {
    "Amazon Elastic Compute Cloud - Compute": "ec2",
    "EC2 - Other": "ec2",
    "Amazon Virtual Private Cloud": "ec2",
    "Amazon Elastic Load Balancing": "elasticloadbalancing",
    "Amazon Relational Database Service": "rds",
    "Amazon DocumentDB (with MongoDB compatibility)": "rds",
    "Amazon Neptune": "rds",
    "Amazon ElastiCache": "elasticache",
    "Amazon MemoryDB": "memorydb",
    "Amazon OpenSearch Service": "es",
    "Amazon Redshift": "redshift",
    "Amazon SageMaker": "sagemaker",
    "Amazon Elastic Container Service": "ecs",
    "Amazon EC2 Container Service": "ecs",
    "Amazon Elastic Container Service for Kubernetes": "eks",
    "Amazon Elastic Kubernetes Service": "eks",
    "AWS Lambda": "lambda",
    "Amazon DynamoDB": "dynamodb",
    "Amazon Kinesis": "kinesis",
    "Amazon Managed Streaming for Apache Kafka": "kafka",
    "Amazon Elastic MapReduce": "elasticmapreduce",
    "AWS Glue": "glue",
    "Amazon Bedrock": "bedrock",
    "Amazon Elastic File System": "elasticfilesystem",
    "Amazon FSx": "fsx",
    "Amazon MQ": "amazonmq",
    "Amazon Managed Workflows for Apache Airflow": "airflow",
    "Amazon Kendra": "kendra",
    "Amazon Lightsail": "lightsail",
    "Amazon AppStream": "appstream",
    "Amazon WorkSpaces": "workspaces",
    "Amazon Route 53": "route53resolver",
    "AWS App Runner": "apprunner",
    "AWS Directory Service": "ds",
    "AWS Global Accelerator": "globalaccelerator",
    "AWS Network Firewall": "network-firewall",
    "AWS Transfer Family": "transfer",
    # Of our own words those that the bill has under another.
    "aoss": "es",
    "autoscaling": "ec2",
    "emr-serverless": "elasticmapreduce",
    "redshift-serverless": "redshift",
}
_OF_BEDROCK = "(Amazon Bedrock Edition)"  # Models of other makers have names of their own on the bill.


def family_of(service: str) -> str:
    """One word for a service, whether the bill names it or we do; its own name where we see none of it start.

    >>> family_of("EC2 - Other"), family_of("aoss"), family_of("Amazon Simple Storage Service")
    ('ec2', 'es', 'Amazon Simple Storage Service')
    """
    return "bedrock" if service.endswith(_OF_BEDROCK) else FAMILIES.get(service, service)


def trouble_words(code: str, message: str) -> str:
    """Say in words why Cost Explorer did not answer.

    >>> trouble_words("LimitExceededException", "x")
    'AWS takes no more questions for now (LimitExceededException)'
    """
    return f"{_WORDS[code]} ({code})" if code in _WORDS else message[:_MOST]


def merge_days(days: Iterable[DayBill]) -> list[DayBill]:
    """Put parts of one account's days together that came on several pages, in their order.

    >>> from engine.models.spend import ServiceCost
    >>> parts = [DayBill(account_id="1", day=date(2026, 1, 5), costs=(ServiceCost(name, 1.0),)) for name in "ab"]
    >>> [len(one.costs) for one in merge_days(parts)]
    [2]
    """
    by_day: defaultdict[date, list[DayBill]] = defaultdict(list)
    for one in days:
        by_day[one.day].append(one)
    return [
        DayBill(
            account_id=parts[0].account_id,
            day=day,
            costs=tuple(cost for part in parts for cost in part.costs),
            is_estimated=any(part.is_estimated for part in parts),
        )
        for day, parts in sorted(by_day.items())
    ]


def month_around(now: datetime) -> tuple[datetime, datetime]:
    """When the month of a moment began, and when it ends.

    >>> from datetime import UTC
    >>> [f"{one:%Y-%m-%d}" for one in month_around(datetime(2026, 12, 31, 23, tzinfo=UTC))]
    ['2026-12-01', '2027-01-01']
    """
    began = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return began, (began + _LONGEST_MONTH).replace(day=1)


def usd_of(days: Iterable[DayBill]) -> float:
    """The USD of days; other currencies are never mixed in.

    >>> usd_of([])
    0.0
    """
    return sum((cost.amount for day in days for cost in day.costs if cost.currency == USD), 0.0)


def other_currencies(days: Sequence[DayBill]) -> tuple[str, ...]:
    """The currencies of a bill that are not USD.

    >>> other_currencies([])
    ()
    """
    return tuple(sorted({cost.currency for day in days for cost in day.costs} - {USD}))
