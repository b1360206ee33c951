"""The people and machines of the demo's account, and where they work."""

from demo.aws_account.identities import Actor, assumed_role, autoscaling, iam_user, sso_person

ACCOUNT_ID = "111122223333"
ALIAS = "acme-prod"

MAIN_REGION = "us-east-1"
DEPLOY_REGION = "eu-west-1"
DATA_REGION = "us-west-2"
OFFICE_REGION = "eu-central-1"
HOME_REGIONS = (MAIN_REGION, DEPLOY_REGION, DATA_REGION, OFFICE_REGION)
"""Every Region in which the account ever runs anything."""

_TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.9.8 aws-sdk-go-v2/1.32.2 os/linux lang/go#1.23.2"
_BOTO = "Boto3/1.35.40 md/Botocore#1.35.40 ua/2.0 os/linux#6.8 lang/python#3.12.6 cfg/retry-mode#standard"
_CLI = "aws-cli/2.18.5 md/awscrt#0.22.0 ua/2.0 os/macos#24.1.0 lang/python#3.12.6 md/command#ec2.run-instances"

DEPLOY = assumed_role(ACCOUNT_ID, "deploy", "release-pipeline", source_ip="198.51.100.20", user_agent=_TERRAFORM)
MARIA = sso_person(ACCOUNT_ID, "Developer", "maria@acme.example", source_ip="203.0.113.45", user_agent=_CLI)
DATA_TEAM = assumed_role(ACCOUNT_ID, "data-batch", "nightly", source_ip="198.51.100.31", user_agent=_BOTO)
AUTOSCALING = autoscaling(ACCOUNT_ID)
BACKUP_UPLOADER = iam_user(ACCOUNT_ID, "backup-uploader", source_ip="198.51.100.77", user_agent=_BOTO)
THIEF = iam_user(
    ACCOUNT_ID, "backup-uploader", source_ip="192.0.2.199", user_agent="aws-cli/1.18.69 Python/3.8.10 Linux/5.4.0"
)
"""Somebody else with the key of `backup-uploader`."""


def ci_runner(run: int) -> Actor:
    """The CI role; its session name changes with every run."""
    return assumed_role(ACCOUNT_ID, "ci-runner", f"run-{run}", source_ip="198.51.100.10", user_agent=_BOTO)
