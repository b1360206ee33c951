"""Builders of CloudTrail records in their true shapes, one function for each call."""

from demo.aws_account.records.ec2 import (
    create_nat_gateway,
    create_volume,
    delete_nat_gateway,
    failed_run_instances,
    instance_ids,
    run_instances,
    stop_instances,
    terminate_instances,
)
from demo.aws_account.records.envelope import GLOBAL_REGION, Record, Scene, Writer
from demo.aws_account.records.housekeeping import (
    authorize_security_group_ingress,
    create_log_stream,
    create_tags,
    put_bucket_lifecycle,
    put_parameter,
    put_role_policy,
)
from demo.aws_account.records.services import (
    create_db_instance,
    create_function,
    delete_db_instance,
    put_provisioned_concurrency,
)

__all__ = [
    "GLOBAL_REGION",
    "Record",
    "Scene",
    "Writer",
    "authorize_security_group_ingress",
    "create_db_instance",
    "create_function",
    "create_log_stream",
    "create_nat_gateway",
    "create_tags",
    "create_volume",
    "delete_db_instance",
    "delete_nat_gateway",
    "failed_run_instances",
    "instance_ids",
    "put_bucket_lifecycle",
    "put_parameter",
    "put_provisioned_concurrency",
    "put_role_policy",
    "run_instances",
    "stop_instances",
    "terminate_instances",
]
