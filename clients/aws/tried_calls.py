"""The smallest harmless call for each permission that a customer's role may have."""

from collections.abc import Mapping
from typing import Any

Call = tuple[str, str, Mapping[str, Any]]
"""An SDK's service, its operation, and what that is called with."""

_NOBODYS = "dd0c-looks-for-nothing"
_ACCOUNT = "000000000000"
_TARGET_GROUP = f"arn:aws:elasticloadbalancing:us-east-1:{_ACCOUNT}:targetgroup/{_NOBODYS}/0000000000000000"
_QUERY = {
    "Id": "q",
    "MetricStat": {"Metric": {"Namespace": "AWS/EC2", "MetricName": _NOBODYS}, "Period": 300, "Stat": "Sum"},
}
# Days long gone are the cheapest question: they have no data, and CloudWatch bills single metrics, not time.
_START, _END = "2020-01-01T00:00:00Z", "2020-01-01T00:05:00Z"

TRIED_CALLS: Mapping[str, Call] = {
    "bedrock:ListProvisionedModelThroughputs": (
        "bedrock",
        "list_provisioned_model_throughputs",
        {"maxResults": 1},
    ),
    "ce:GetCostAndUsage": (
        "ce",
        "get_cost_and_usage",
        {
            "TimePeriod": {"Start": "2020-01-01", "End": "2020-01-02"},
            "Granularity": "DAILY",
            "Metrics": ["UnblendedCost"],
        },
    ),
    "cloudwatch:GetMetricData": (
        "cloudwatch",
        "get_metric_data",
        {"MetricDataQueries": [_QUERY], "StartTime": _START, "EndTime": _END},
    ),
    "cloudwatch:ListMetrics": ("cloudwatch", "list_metrics", {"Namespace": _NOBODYS}),
    "dynamodb:DescribeTable": ("dynamodb", "describe_table", {"TableName": _NOBODYS}),
    "dynamodb:ListTables": ("dynamodb", "list_tables", {"Limit": 1}),
    "ec2:DescribeAddresses": ("ec2", "describe_addresses", {"AllocationIds": ["eipalloc-00000000000000000"]}),
    "ec2:DescribeImages": ("ec2", "describe_images", {"ImageIds": ["ami-00000000000000000"]}),
    "ec2:DescribeInstanceTypes": ("ec2", "describe_instance_types", {"InstanceTypes": ["t3.micro"]}),
    "ec2:DescribeInstances": ("ec2", "describe_instances", {"MaxResults": 5}),
    "ec2:DescribeLaunchTemplateVersions": (
        "ec2",
        "describe_launch_template_versions",
        {"LaunchTemplateId": "lt-00000000000000000", "MaxResults": 1},
    ),
    "ec2:DescribeNatGateways": ("ec2", "describe_nat_gateways", {"MaxResults": 5}),
    "ec2:DescribeRouteTables": ("ec2", "describe_route_tables", {"MaxResults": 5}),
    "ec2:DescribeSnapshots": ("ec2", "describe_snapshots", {"OwnerIds": ["self"], "MaxResults": 5}),
    "ec2:DescribeVolumes": ("ec2", "describe_volumes", {"MaxResults": 5}),
    "ec2:DescribeVpcEndpoints": ("ec2", "describe_vpc_endpoints", {"MaxResults": 5}),
    "ecs:DescribeClusters": ("ecs", "describe_clusters", {"clusters": [_NOBODYS]}),
    "ecs:DescribeServices": ("ecs", "describe_services", {"cluster": _NOBODYS, "services": [_NOBODYS]}),
    "ecs:DescribeTaskDefinition": ("ecs", "describe_task_definition", {"taskDefinition": _NOBODYS}),
    "ecs:ListClusters": ("ecs", "list_clusters", {"maxResults": 1}),
    "ecs:ListServices": ("ecs", "list_services", {"cluster": _NOBODYS, "maxResults": 1}),
    "eks:DescribeCluster": ("eks", "describe_cluster", {"name": _NOBODYS}),
    "eks:ListClusters": ("eks", "list_clusters", {"maxResults": 1}),
    "eks:ListFargateProfiles": ("eks", "list_fargate_profiles", {"clusterName": _NOBODYS, "maxResults": 1}),
    "eks:ListNodegroups": ("eks", "list_nodegroups", {"clusterName": _NOBODYS, "maxResults": 1}),
    "elasticache:DescribeCacheClusters": ("elasticache", "describe_cache_clusters", {"MaxRecords": 20}),
    "elasticloadbalancing:DescribeInstanceHealth": ("elb", "describe_instance_health", {"LoadBalancerName": _NOBODYS}),
    "elasticloadbalancing:DescribeLoadBalancers": ("elbv2", "describe_load_balancers", {"PageSize": 1}),
    "elasticloadbalancing:DescribeTargetGroups": ("elbv2", "describe_target_groups", {"PageSize": 1}),
    "elasticloadbalancing:DescribeTargetHealth": (
        "elbv2",
        "describe_target_health",
        {"TargetGroupArn": _TARGET_GROUP},
    ),
    "elasticmapreduce:ListClusters": ("emr", "list_clusters", {}),
    "es:DescribeDomains": ("opensearch", "describe_domains", {"DomainNames": [_NOBODYS]}),
    "es:ListDomainNames": ("opensearch", "list_domain_names", {}),
    "iam:ListAccountAliases": ("iam", "list_account_aliases", {"MaxItems": 1}),
    "kafka:ListClustersV2": ("kafka", "list_clusters_v2", {"MaxResults": 1}),
    "kinesis:DescribeStreamSummary": ("kinesis", "describe_stream_summary", {"StreamName": _NOBODYS}),
    "kinesis:ListStreams": ("kinesis", "list_streams", {"Limit": 1}),
    "lambda:ListFunctions": ("lambda", "list_functions", {"MaxItems": 1}),
    "lambda:ListProvisionedConcurrencyConfigs": (
        "lambda",
        "list_provisioned_concurrency_configs",
        {"FunctionName": _NOBODYS},
    ),
    "logs:DescribeLogGroups": ("logs", "describe_log_groups", {"limit": 1}),
    "rds:DescribeDBInstances": ("rds", "describe_db_instances", {"MaxRecords": 20}),
    "rds:DescribeDBSnapshots": ("rds", "describe_db_snapshots", {"MaxRecords": 20}),
    "redshift:DescribeClusters": ("redshift", "describe_clusters", {"MaxRecords": 20}),
    "sagemaker:DescribeEndpoint": ("sagemaker", "describe_endpoint", {"EndpointName": _NOBODYS}),
    "sagemaker:DescribeEndpointConfig": (
        "sagemaker",
        "describe_endpoint_config",
        {"EndpointConfigName": _NOBODYS},
    ),
    "sagemaker:ListEndpoints": ("sagemaker", "list_endpoints", {"MaxResults": 1}),
    "sagemaker:ListNotebookInstances": ("sagemaker", "list_notebook_instances", {"MaxResults": 1}),
    "tag:GetResources": ("resourcegroupstaggingapi", "get_resources", {"ResourcesPerPage": 1}),
}
