"""Which calls change cost: one table keyed by (event source, event name), filled by one module per family."""

import re
from collections.abc import Mapping

from engine.cloudtrail import (
    airflow,
    amazon_mq,
    app_runner,
    autoscaling_groups,
    bedrock,
    commitments,
    dax,
    desktops,
    dynamodb,
    ec2_addresses,
    ec2_fleets,
    ec2_instances,
    ec2_nat,
    ec2_snapshots,
    ec2_volumes,
    ecs,
    eks,
    elasticache,
    emr,
    emr_serverless,
    file_systems,
    global_accelerators,
    glue,
    kinesis,
    lambda_functions,
    lightsail,
    load_balancers,
    memorydb,
    msk,
    network_firewalls,
    opensearch,
    opensearch_serverless,
    rds,
    rds_clusters,
    rds_snapshots,
    redshift,
    resolver_endpoints,
    sagemaker_endpoints,
    sagemaker_jobs,
    standing_services,
    transit_gateways,
    vpc_endpoints,
    vpn,
)
from engine.cloudtrail.family import Parser

REGISTRY: Mapping[tuple[str, str], Parser] = {
    **airflow.PARSERS,
    **amazon_mq.PARSERS,
    **app_runner.PARSERS,
    **autoscaling_groups.PARSERS,
    **bedrock.PARSERS,
    **commitments.PARSERS,
    **dax.PARSERS,
    **desktops.PARSERS,
    **dynamodb.PARSERS,
    **ec2_addresses.PARSERS,
    **ec2_fleets.PARSERS,
    **ec2_instances.PARSERS,
    **ec2_nat.PARSERS,
    **ec2_snapshots.PARSERS,
    **ec2_volumes.PARSERS,
    **ecs.PARSERS,
    **eks.PARSERS,
    **elasticache.PARSERS,
    **emr.PARSERS,
    **emr_serverless.PARSERS,
    **file_systems.PARSERS,
    **global_accelerators.PARSERS,
    **glue.PARSERS,
    **kinesis.PARSERS,
    **lambda_functions.PARSERS,
    **lightsail.PARSERS,
    **load_balancers.PARSERS,
    **memorydb.PARSERS,
    **msk.PARSERS,
    **network_firewalls.PARSERS,
    **opensearch.PARSERS,
    **opensearch_serverless.PARSERS,
    **rds.PARSERS,
    **rds_clusters.PARSERS,
    **rds_snapshots.PARSERS,
    **redshift.PARSERS,
    **resolver_endpoints.PARSERS,
    **sagemaker_endpoints.PARSERS,
    **sagemaker_jobs.PARSERS,
    **standing_services.PARSERS,
    **transit_gateways.PARSERS,
    **vpc_endpoints.PARSERS,
    **vpn.PARSERS,
}
_VERSIONED_SOURCES = frozenset(source for source, _ in REGISTRY)
_API_VERSION = re.compile(r"(\d{8}|\d{4}_\d{2}_\d{2})(v\d+)?$")


def find_parser(event_source: str, event_name: str) -> tuple[str, Parser] | None:
    """Give the plain event name and its parser, or None for a call that says nothing of cost.

    Some services put the API version behind the name; it is cut only after the source is known to be one of ours,
    because CloudFront's ``CreateFunction2020_05_31`` is no Lambda function.

    >>> find_parser("lambda.amazonaws.com", "CreateFunction20150331")[0]
    'CreateFunction'
    >>> find_parser("cloudfront.amazonaws.com", "CreateFunction2020_05_31") is None
    True
    """
    parser = REGISTRY.get((event_source, event_name))
    if parser:
        return event_name, parser
    if not event_name[-1:].isdigit() or event_source not in _VERSIONED_SOURCES:
        return None
    plain = _API_VERSION.sub("", event_name)
    parser = REGISTRY.get((event_source, plain))
    return (plain, parser) if parser else None
