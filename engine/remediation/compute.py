"""Instances, functions, containers and desktops."""

import re

from engine.remediation.way import Way

_FUNCTION = r"(?:arn:aws[a-z-]*:lambda:[a-z0-9-]*:[0-9]{12}:function:)?(?P<name>[A-Za-z0-9_][A-Za-z0-9_-]{0,63})"
_BLOCK_CALLS = "lambda put-function-concurrency --function-name {name} --reserved-concurrent-executions 0"
_ECS_NAME = "[A-Za-z0-9_][A-Za-z0-9_-]{0,254}"
_APP_RUNNER_ARN = r"arn:aws[a-z-]*:apprunner:[a-z0-9-]+:[0-9]{12}:service/[A-Za-z0-9_-]{4,40}/[0-9a-f]{32}"

WAYS: tuple[Way, ...] = (
    Way(
        service="ec2",
        pattern=re.compile(r"(?P<id>i-[0-9a-f]{1,32})"),
        stop="ec2 stop-instances --instance-ids {id}",
        harder="ec2 terminate-instances --instance-ids {id}",
        takes_many=True,
        listing=(
            "ec2 describe-instances --filters Name=instance-state-name,Values=running "
            "--query Reservations[].Instances[].[LaunchTime,InstanceType,InstanceId] --output text"
        ),
    ),
    Way(
        service="ec2",
        pattern=re.compile(r"(?P<id>nat-[0-9a-f]{1,32})"),
        stop="ec2 delete-nat-gateway --nat-gateway-id {id}",
        listing="ec2 describe-nat-gateways --query NatGateways[].[CreateTime,State,NatGatewayId] --output text",
    ),
    # Provisioned concurrency belongs to a version or alias; without one, only the calls can be stopped.
    Way(
        service="lambda",
        pattern=re.compile(_FUNCTION + r"(?::\$LATEST)?"),
        stop=_BLOCK_CALLS,
    ),
    Way(
        service="lambda",
        pattern=re.compile(_FUNCTION + r":(?P<version>[A-Za-z0-9_][A-Za-z0-9_-]{0,127})"),
        stop="lambda delete-provisioned-concurrency-config --function-name {name} --qualifier {version}",
        harder=_BLOCK_CALLS,
    ),
    # A control plane cannot be stopped, and is not deleted before its node groups are.
    Way(
        service="eks",
        pattern=re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9_-]{0,99})"),
        stop="eks delete-cluster --name {name}",
    ),
    Way(
        service="ecs",
        pattern=re.compile(rf"service/(?P<cluster>{_ECS_NAME})/(?P<name>{_ECS_NAME})"),
        stop="ecs update-service --cluster {cluster} --service {name} --desired-count 0",
        harder="ecs delete-service --cluster {cluster} --service {name} --force",
    ),
    Way(
        service="ecs",
        pattern=re.compile(rf"task/(?P<cluster>{_ECS_NAME})/(?P<id>[0-9a-f-]{{32,36}})"),
        stop="ecs stop-task --cluster {cluster} --task {id}",
    ),
    Way(
        service="apprunner",
        pattern=re.compile(f"(?P<arn>{_APP_RUNNER_ARN})"),
        stop="apprunner pause-service --service-arn {arn}",
        harder="apprunner delete-service --service-arn {arn}",
    ),
    Way(
        service="appstream",
        pattern=re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9_.-]{0,99})"),
        stop="appstream stop-fleet --name {name}",
        harder="appstream delete-fleet --name {name}",
    ),
    # A stopped Lightsail instance is billed like a running one.
    Way(
        service="lightsail",
        pattern=re.compile(r"Instance/(?P<name>[A-Za-z0-9_][A-Za-z0-9_.-]{0,254})"),
        stop="lightsail delete-instance --instance-name {name}",
    ),
    Way(
        service="workspaces",
        pattern=re.compile(r"(?P<id>ws-[0-9a-z]{8,63})"),
        stop="workspaces modify-workspace-properties --workspace-id {id} --workspace-properties RunningMode=AUTO_STOP",
        harder="workspaces terminate-workspaces --terminate-workspace-requests WorkspaceId={id}",
    ),
)
