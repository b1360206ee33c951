"""Write calls that cost nothing: the noise every account is full of."""

import json

from demo.aws_account.records.envelope import Record, Scene


def create_tags(scene: Scene, resource_id: str, key: str, value: str) -> Record:
    """A tag put on an EC2 resource."""
    request = {
        "resourcesSet": {"items": [{"resourceId": resource_id}]},
        "tagSet": {"items": [{"key": key, "value": value}]},
    }
    response = {"requestId": scene.writer.uuid(), "_return": True}
    return scene.record("ec2", "CreateTags", request, response)


def authorize_security_group_ingress(scene: Scene) -> Record:
    """HTTPS opened to the office."""
    group_id = scene.writer.resource_id("sg")
    rule = {"cidrIpv4": "203.0.113.0/24", "fromPort": 443, "toPort": 443, "ipProtocol": "tcp"}
    ranges = {"items": [{"cidrIp": "203.0.113.0/24"}]}
    permission = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "ipRanges": ranges}
    granted = {
        **rule,
        "groupId": group_id,
        "groupOwnerId": scene.account_id,
        "isEgress": False,
        "securityGroupRuleId": scene.writer.resource_id("sgr"),
    }
    request = {"groupId": group_id, "ipPermissions": {"items": [permission]}}
    response = {
        "requestId": scene.writer.uuid(),
        "_return": True,
        "securityGroupRuleSet": {"items": [granted]},
    }
    return scene.record("ec2", "AuthorizeSecurityGroupIngress", request, response)


def put_role_policy(scene: Scene, role_name: str) -> Record:
    """An inline policy; IAM answers a success with nothing, and its records live in `GLOBAL_REGION`."""
    statement = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::acme-artifacts/*"}
    request = {
        "roleName": role_name,
        "policyName": "artifacts",
        "policyDocument": json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    }
    return scene.record("iam", "PutRolePolicy", request, None)


def create_log_stream(scene: Scene, log_group: str) -> Record:
    """A log stream of a build or a deploy."""
    request = {"logGroupName": log_group, "logStreamName": scene.writer.uuid()}
    return scene.record("logs", "CreateLogStream", request, None)


def put_parameter(scene: Scene, name: str) -> Record:
    """A parameter of Systems Manager; CloudTrail hides its value."""
    request = {
        "name": name,
        "value": "HIDDEN_DUE_TO_SECURITY_REASONS",
        "type": "SecureString",
        "overwrite": True,
    }
    response = {"version": scene.writer.rng.randrange(2, 60), "tier": "Standard"}
    return scene.record("ssm", "PutParameter", request, response)


def put_bucket_lifecycle(scene: Scene, bucket: str) -> Record:
    """A lifecycle rule of a bucket."""
    rule = {"ID": "expire-old", "Status": "Enabled", "Expiration": {"Days": 30}, "Prefix": ""}
    request = {
        "bucketName": bucket,
        "lifecycle": "",
        "Host": f"{bucket}.s3.{scene.region}.amazonaws.com",
        "LifecycleConfiguration": {"Rule": rule, "xmlns": "http://s3.amazonaws.com/doc/2006-03-01/"},
    }
    return scene.record("s3", "PutBucketLifecycle", request, None)
