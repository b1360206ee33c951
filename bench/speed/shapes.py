"""CloudTrail records as AWS writes them, with places to fill in: all fields, also those that nobody reads here.

A shape is a text for ``%``; its places are ``identity``, ``time``, ``account``, ``region``, ``event``, ``address``,
``agent``, ``thing`` (an id), ``kind`` (a type), ``image`` and ``access_key``.
"""

import json
from typing import Any

Json = dict[str, Any]

_TLS = {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256"}
_IDENTITY_PLACE = '"%(identity)s"'


def _shape(service: str, name: str, request: Json | None, response: Json | None, **more: Any) -> str:
    """A record around a request and its answer. JSON has no percent signs here but those of the places."""
    record = {
        "eventVersion": "1.11",
        "userIdentity": "%(identity)s",
        "eventTime": "%(time)s",
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": "%(region)s",
        "sourceIPAddress": "%(address)s",
        "userAgent": "%(agent)s",
        "requestParameters": request,
        "responseElements": response,
        "requestID": "5f2b7c1e-%(event)s",
        "eventID": "0c1d9ab4-%(event)s",
        "readOnly": response is None,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": "%(account)s",
        "eventCategory": "Management",
        "tlsDetails": {**_TLS, "clientProvidedHostHeader": f"{service}.%(region)s.amazonaws.com"},
        **more,
    }
    return json.dumps(record, separators=(",", ":")).replace(_IDENTITY_PLACE, "%(identity)s")


def _tags(key: str = "key", value: str = "value") -> list[Json]:
    pairs = {"Name": "checkout-worker", "team": "payments", "env": "production", "managed-by": "terraform"}
    return [{key: name, value: text} for name, text in pairs.items()]


_INTERFACE = {
    "networkInterfaceId": "eni-0f3a91c27d5be8461",
    "subnetId": "subnet-0a1b2c3d4e5f60718",
    "vpcId": "vpc-04ae35a334cd7ef4f",
    "ownerId": "%(account)s",
    "status": "in-use",
    "macAddress": "0a:5c:1e:7b:90:d3",
    "privateIpAddress": "10.0.12.81",
    "privateDnsName": "ip-10-0-12-81.%(region)s.compute.internal",
    "sourceDestCheck": True,
    "groupSet": {"items": [{"groupId": "sg-0a1ae80d31d1e9c86", "groupName": "checkout"}]},
    "attachment": {"attachmentId": "eni-attach-0b2c4d6e8f0a1b3c5", "deviceIndex": 0, "status": "attaching"},
}
_INSTANCE = {
    "instanceId": "%(thing)s",
    "imageId": "%(image)s",
    "instanceState": {"code": 0, "name": "pending"},
    "privateDnsName": "ip-10-0-12-81.%(region)s.compute.internal",
    "amiLaunchIndex": 0,
    "productCodes": {},
    "instanceType": "%(kind)s",
    "launchTime": 1767607200000,
    "placement": {"availabilityZone": "%(region)sa", "tenancy": "default"},
    "monitoring": {"state": "pending"},
    "subnetId": "subnet-0a1b2c3d4e5f60718",
    "vpcId": "vpc-04ae35a334cd7ef4f",
    "privateIpAddress": "10.0.12.81",
    "stateReason": {"code": "pending", "message": "pending"},
    "architecture": "x86_64",
    "rootDeviceType": "ebs",
    "rootDeviceName": "/dev/xvda",
    "virtualizationType": "hvm",
    "hypervisor": "xen",
    "tagSet": {"items": _tags()},
    "networkInterfaceSet": {"items": [_INTERFACE]},
    "ebsOptimized": False,
    "cpuOptions": {"coreCount": 1, "threadsPerCore": 2},
    "metadataOptions": {"state": "pending", "httpTokens": "required", "httpPutResponseHopLimit": 2},
}
_RUN_REQUEST = {
    "instancesSet": {"items": [{"imageId": "%(image)s", "minCount": 1, "maxCount": 1}]},
    "instanceType": "%(kind)s",
    "monitoring": {"enabled": False},
    "clientToken": "fleet-%(event)s",
}
_ENDED = {"instanceId": "%(thing)s", "currentState": {"code": 32, "name": "shutting-down"}}
_RUNNING = {"previousState": {"code": 16, "name": "running"}}
_WANTED_INSTANCES = {"instancesSet": {"items": [{"instanceId": "%(thing)s"}]}}
_DATABASE = {
    "dBInstanceIdentifier": "%(thing)s",
    "dBInstanceClass": "%(kind)s",
    "engine": "postgres",
    "engineVersion": "16.4",
    "allocatedStorage": 100,
    "storageType": "gp3",
    "multiAZ": False,
    "storageEncrypted": True,
}
_DATABASE_ANSWER = {
    **_DATABASE,
    "dBInstanceArn": "arn:aws:rds:%(region)s:%(account)s:db:%(thing)s",
    "dBInstanceStatus": "creating",
    "masterUsername": "app",
    "preferredBackupWindow": "04:41-05:11",
    "preferredMaintenanceWindow": "tue:03:39-tue:04:09",
    "backupRetentionPeriod": 7,
    "dBParameterGroups": [{"dBParameterGroupName": "default.postgres16", "parameterApplyStatus": "in-sync"}],
    "vpcSecurityGroups": [{"status": "active", "vpcSecurityGroupId": "sg-0a1ae80d31d1e9c86"}],
    "pendingModifiedValues": {"masterUserPassword": "****"},
    "tagList": _tags(),
}
_VOLUME = {"size": "100", "zone": "%(region)sa", "volumeType": "%(kind)s", "iops": 3000, "encrypted": True}
_GATEWAY = {"natGatewayId": "%(thing)s", "subnetId": "subnet-0a1b2c3d4e5f60718", "state": "pending"}
_KEY_ARN = "arn:aws:kms:%(region)s:%(account)s:key/dad21b23-9915-42bd-981b-2a9f3c8f20c8"
_KEY = [{"accountId": "%(account)s", "type": "AWS::KMS::Key", "ARN": _KEY_ARN}]

STARTS: dict[str, str] = {
    "instance": _shape(
        "ec2", "RunInstances", _RUN_REQUEST, {"requestId": "%(event)s", "instancesSet": {"items": [_INSTANCE]}}
    ),
    "volume": _shape(
        "ec2",
        "CreateVolume",
        {**_VOLUME, "tagSpecificationSet": {"items": [{"resourceType": "volume", "tags": _tags()}]}},
        {**_VOLUME, "volumeId": "%(thing)s", "status": "creating", "tagSet": {"items": _tags()}},
    ),
    "database": _shape("rds", "CreateDBInstance", {**_DATABASE, "tags": _tags()}, _DATABASE_ANSWER),
    "gateway": _shape(
        "ec2",
        "CreateNatGateway",
        {"CreateNatGatewayRequest": {"SubnetId": "subnet-0a1b2c3d4e5f60718", "ClientToken": "%(event)s"}},
        {"CreateNatGatewayResponse": {"natGateway": {**_GATEWAY, "tagSet": {"item": _tags()}}}},
    ),
}
ENDS: dict[str, str] = {
    "instance": _shape(
        "ec2", "TerminateInstances", _WANTED_INSTANCES, {"instancesSet": {"items": [{**_ENDED, **_RUNNING}]}}
    ),
    "volume": _shape("ec2", "DeleteVolume", {"volumeId": "%(thing)s"}, {"_return": True}),
    "database": _shape(
        "rds",
        "DeleteDBInstance",
        {"dBInstanceIdentifier": "%(thing)s", "skipFinalSnapshot": True},
        {**_DATABASE_ANSWER, "dBInstanceStatus": "deleting"},
    ),
    "gateway": _shape(
        "ec2",
        "DeleteNatGateway",
        {"DeleteNatGatewayRequest": {"NatGatewayId": "%(thing)s"}},
        {"DeleteNatGatewayResponse": {"natGatewayId": "%(thing)s"}},
    ),
}
IRRELEVANT: tuple[str, ...] = (
    _shape(
        "kms",
        "Decrypt",
        {"encryptionContext": {"aws:s3:arn": "arn:aws:s3:::checkout-data"}, "encryptionAlgorithm": "SYMMETRIC_DEFAULT"},
        None,
        resources=_KEY,
    ),
    _shape("kms", "GenerateDataKey", {"keySpec": "AES_256", "keyId": _KEY_ARN}, None, resources=_KEY),
    _shape(
        "sts",
        "AssumeRole",
        {
            "roleArn": "arn:aws:iam::%(account)s:role/deploy",
            "roleSessionName": "checkout-%(event)s",
            "durationSeconds": 3600,
        },
        {
            "credentials": {
                "accessKeyId": "%(access_key)s",
                "sessionToken": "IQoJb3JpZ2luX2VjEJv" + 20 * "Qd8sLk2vTz0pXw9rNb",
                "expiration": "Jan 5, 2026, 11:00:00 AM",
            },
            "assumedRoleUser": {
                "assumedRoleId": "AROATFQR7NSC5AU2ZV3IE:checkout",
                "arn": "arn:aws:sts::%(account)s:assumed-role/deploy/checkout",
            },
        },
        resources=[
            {"accountId": "%(account)s", "type": "AWS::IAM::Role", "ARN": "arn:aws:iam::%(account)s:role/deploy"}
        ],
    ),
    _shape(
        "ec2",
        "DescribeInstances",
        {"maxResults": 1000, "instancesSet": {}, "filterSet": {"items": [{"name": "tag:env"}]}},
        None,
    ),
    _shape("ec2", "DescribeInstanceStatus", {"maxResults": 100, "instancesSet": {}, "filterSet": {}}, None),
    _shape(
        "s3",
        "GetBucketAcl",
        {"bucketName": "checkout-data", "Host": "checkout-data.s3.%(region)s.amazonaws.com", "acl": ""},
        None,
        additionalEventData={
            "SignatureVersion": "SigV4",
            "CipherSuite": "ECDHE-RSA-AES128-GCM-SHA256",
            "bytesTransferredIn": 0,
            "AuthenticationMethod": "AuthHeader",
            "x-amz-id-2": "TD+Kbv3kSdD4BdfQEn9GDiVCLv6MkfibaUGmmE8+Mou/wCibXaIp56BwjM+EX7F6UbDSF+arVyY=",
            "bytesTransferredOut": 552,
        },
        resources=[{"accountId": "%(account)s", "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::checkout-data"}],
    ),
    _shape(
        "logs",
        "CreateLogStream",
        {"logGroupName": "/aws/lambda/checkout", "logStreamName": "2026/01/05/[$LATEST]%(event)s"},
        {"_return": True},
        apiVersion="20140328",
    ),
    _shape(
        "ssm",
        "GetParameter",
        {"name": "/checkout/production/database", "withDecryption": True},
        None,
        resources=[
            {"accountId": "%(account)s", "ARN": "arn:aws:ssm:%(region)s:%(account)s:parameter/checkout/production"}
        ],
    ),
    _shape(
        "iam",
        "PutRolePolicy",
        {
            "roleName": "checkout",
            "policyName": "data",
            "policyDocument": json.dumps(
                {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
            ),
        },
        {"_return": True},
    ),
)
