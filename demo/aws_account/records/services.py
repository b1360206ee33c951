"""Records of the other services that cost money: databases and functions."""

from datetime import UTC

from demo.aws_account.records.envelope import Record, Scene


def create_db_instance(
    scene: Scene,
    identifier: str,
    instance_class: str,
    *,
    engine: str = "postgres",
    storage_gb: int = 100,
    multi_az: bool = False,
) -> Record:
    """A new RDS instance; RDS spells its members with a small d and a capital B."""
    shared = {
        "dBInstanceIdentifier": identifier,
        "dBInstanceClass": instance_class,
        "engine": engine,
        "allocatedStorage": storage_gb,
        "multiAZ": multi_az,
        "storageType": "gp3",
        "masterUsername": "postgres",
        "publiclyAccessible": False,
        "deletionProtection": False,
        "storageEncrypted": True,
    }
    response = {
        **shared,
        "dBInstanceArn": f"arn:aws:rds:{scene.region}:{scene.account_id}:db:{identifier}",
        "dBInstanceStatus": "creating",
        "engineVersion": "16.4",
        "licenseModel": "postgresql-license",
        "iops": 3000,
        "storageThroughput": 125,
        "backupRetentionPeriod": 7,
        "monitoringInterval": 0,
        "readReplicaDBInstanceIdentifiers": [],
        "pendingModifiedValues": {"masterUserPassword": "****"},
        "tagList": [],
    }
    request = {**shared, "masterUserPassword": "HIDDEN_DUE_TO_SECURITY_REASONS"}
    return scene.record("rds", "CreateDBInstance", request, response)


def delete_db_instance(scene: Scene, identifier: str, instance_class: str) -> Record:
    """The end of an RDS instance."""
    request = {"dBInstanceIdentifier": identifier, "skipFinalSnapshot": True, "deleteAutomatedBackups": True}
    response = {
        "dBInstanceIdentifier": identifier,
        "dBInstanceClass": instance_class,
        "dBInstanceArn": f"arn:aws:rds:{scene.region}:{scene.account_id}:db:{identifier}",
        "dBInstanceStatus": "deleting",
        "engine": "postgres",
        "multiAZ": False,
        "pendingModifiedValues": {},
        "tagList": [],
    }
    return scene.record("rds", "DeleteDBInstance", request, response)


def create_function(scene: Scene, function_name: str, memory_mb: int = 256) -> Record:
    """A new Lambda function; the event name carries the version of Lambda's API."""
    shared = {
        "functionName": function_name,
        "runtime": "python3.13",
        "role": f"arn:aws:iam::{scene.account_id}:role/{function_name}-role",
        "handler": "app.handler",
        "timeout": 30,
        "memorySize": memory_mb,
        "architectures": ["arm64"],
        "environment": {},
    }
    response = {
        **shared,
        "functionArn": f"arn:aws:lambda:{scene.region}:{scene.account_id}:function:{function_name}",
        "codeSize": 48_211,
        "lastModified": scene.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "version": "$LATEST",
        "packageType": "Zip",
        "state": "Pending",
        "revisionId": scene.writer.uuid(),
    }
    request = {**shared, "code": {"s3Bucket": "acme-artifacts", "s3Key": f"{function_name}.zip"}}
    return scene.record("lambda", "CreateFunction20150331", request, response)


def put_provisioned_concurrency(scene: Scene, function_name: str, executions: int) -> Record:
    """Lambda capacity that costs money even when idle."""
    request = {
        "functionName": function_name,
        "qualifier": "live",
        "provisionedConcurrentExecutions": executions,
    }
    response = {
        "requestedProvisionedConcurrentExecutions": executions,
        "allocatedProvisionedConcurrentExecutions": 0,
        "availableProvisionedConcurrentExecutions": 0,
        "status": "IN_PROGRESS",
        "lastModified": scene.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000"),
    }
    return scene.record("lambda", "PutProvisionedConcurrencyConfig", request, response)
