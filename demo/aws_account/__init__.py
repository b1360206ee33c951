"""A small, truthful AWS on 127.0.0.1: sign-in by role, CloudTrail history, Regions, instances."""

from demo.aws_account.account import AwsAccount
from demo.aws_account.credentials import Caller
from demo.aws_account.errors import AwsError
from demo.aws_account.regions import DEFAULT_REGIONS, OPT_IN_REGIONS
from demo.aws_account.server import HUB_ACCOUNT, AwsSimulator, Call

__all__ = [
    "DEFAULT_REGIONS",
    "HUB_ACCOUNT",
    "OPT_IN_REGIONS",
    "AwsAccount",
    "AwsError",
    "AwsSimulator",
    "Call",
    "Caller",
]
