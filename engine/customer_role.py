"""What a customer's role must look like: who may assume it, and what it may do for each feature.

The lists below are the only source: the guide shows them, and tests compare the templates in ``infra/`` with them.
"""

import json
from collections.abc import Mapping

from engine.models.connection import Feature, FeaturePolicy

ROLE_NAME = "dd0c-cost-readonly"

ACTIONS: Mapping[Feature, tuple[str, ...]] = {
    Feature.WATCH: ("cloudtrail:LookupEvents", "ec2:DescribeRegions"),
    Feature.DETAILS: (
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeInstances",
        "ec2:DescribeLaunchTemplateVersions",
        "ecs:DescribeTaskDefinition",
        "iam:ListAccountAliases",
        "sagemaker:DescribeEndpointConfig",
        "tag:GetResources",
    ),
    Feature.ZOMBIES: (
        "bedrock:ListProvisionedModelThroughputs",
        "cloudwatch:GetMetricData",
        "cloudwatch:ListMetrics",
        "dynamodb:DescribeTable",
        "dynamodb:ListTables",
        "ec2:DescribeAddresses",
        "ec2:DescribeImages",
        "ec2:DescribeInstances",
        "ec2:DescribeNatGateways",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSnapshots",
        "ec2:DescribeVolumes",
        "ec2:DescribeVpcEndpoints",
        "ecs:DescribeClusters",
        "ecs:DescribeServices",
        "ecs:ListClusters",
        "ecs:ListServices",
        "eks:DescribeCluster",
        "eks:ListClusters",
        "eks:ListFargateProfiles",
        "eks:ListNodegroups",
        "elasticache:DescribeCacheClusters",
        "elasticloadbalancing:DescribeInstanceHealth",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
        "elasticmapreduce:ListClusters",
        "es:DescribeDomains",
        "es:ListDomainNames",
        "kafka:ListClustersV2",
        "kinesis:DescribeStreamSummary",
        "kinesis:ListStreams",
        "lambda:ListFunctions",
        "lambda:ListProvisionedConcurrencyConfigs",
        "logs:DescribeLogGroups",
        "rds:DescribeDBInstances",
        "rds:DescribeDBSnapshots",
        "redshift:DescribeClusters",
        "sagemaker:DescribeEndpoint",
        "sagemaker:DescribeEndpointConfig",
        "sagemaker:ListEndpoints",
        "sagemaker:ListNotebookInstances",
        "tag:GetResources",
    ),
    Feature.SPEND: (
        "ce:GetAnomalies",
        "ce:GetCostAndUsage",
        "ce:GetCostForecast",
    ),
}
"""What may be asked on all of an account, by feature. ``TRAIL`` is about one bucket and stands apart."""

_ABOUT: Mapping[Feature, str] = {
    Feature.WATCH: "read CloudTrail's history in every Region",
    Feature.DETAILS: "name what runs: types, tags, the account's alias",
    Feature.ZOMBIES: "find what runs and is not used",
    Feature.SPEND: "compare with what AWS bills (each question costs you about $0.01)",
}


# Cost Explorer takes a cent for each question, so one stands for all.
_ONE_FOR_ALL: Mapping[Feature, tuple[str, ...]] = {Feature.SPEND: ("ce:GetCostAndUsage",)}


def tried_actions(feature: Feature) -> tuple[str, ...]:
    """Give the actions that are tried to see whether a role has a feature's permissions.

    >>> tried_actions(Feature.SPEND)
    ('ce:GetCostAndUsage',)
    """
    return _ONE_FOR_ALL.get(feature, ACTIONS[feature])


def trust_policy(principal_arn: str, external_id: str) -> str:
    """Say who may assume the role, as JSON.

    >>> '"sts:ExternalId": "0b0c"' in trust_policy("arn:aws:iam::999988887777:role/dd0c", "0b0c")
    True
    """
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": principal_arn},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
    }
    return _document(statement)


def feature_policies() -> tuple[FeaturePolicy, ...]:
    """Give the permission policy of each feature, the one that is always needed first.

    >>> [policy.feature.value for policy in feature_policies() if not policy.optional]
    ['watch']
    """
    return tuple(
        FeaturePolicy(
            feature=feature,
            about=_ABOUT[feature],
            optional=feature is not Feature.WATCH,
            policy=_document({"Effect": "Allow", "Action": list(actions), "Resource": "*"}),
        )
        for feature, actions in ACTIONS.items()
    )


def user_policy() -> str:
    """Give, as JSON, all that a user whose access key opens an account should be allowed.

    >>> len(user_policy()) < 6144  # AWS's limit for a managed policy
    True
    """
    actions = sorted({action for some in ACTIONS.values() for action in some})
    return _document({"Effect": "Allow", "Action": actions, "Resource": "*"})


def role_arn(account_id: str, name: str = ROLE_NAME) -> str:
    """Give the ARN of a role by its name.

    >>> role_arn("111122223333")
    'arn:aws:iam::111122223333:role/dd0c-cost-readonly'
    """
    return f"arn:aws:iam::{account_id}:role/{name}"


def _document(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)
