"""Shared parts of the tests of the simulated AWS: a clock to turn, and the real client to ask with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any

import aioboto3
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore.loaders import Loader

from demo.aws_account import AwsSimulator, Caller
from demo.aws_account.identities import iam_user
from demo.aws_account.records import Record, Writer, create_tags

if TYPE_CHECKING:
    from types_aiobotocore_cloudtrail import CloudTrailClient

ACCOUNT = "111122223333"
REGION = "us-east-1"
EXTERNAL_ID = "dd0c-7f3a"
NOW = 1_763_700_000.0
MODELS = Loader()
ONE_ATTEMPT = AioConfig(retries={"total_max_attempts": 1, "mode": "standard"}, tcp_keepalive=True)


@dataclass
class TurnedClock:
    """A clock that moves only when a test turns it; epoch seconds."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class Records:
    """Small records of one user, one after another."""

    account_id: str = ACCOUNT
    writer: Writer = field(init=False)

    def __post_init__(self) -> None:
        self.writer = Writer(self.account_id, Random(1))  # noqa: S311 - made-up ids, no secrets

    def at(self, seconds: float, region: str = REGION, user: str = "ann") -> Record:
        """A harmless write at this moment."""
        actor = iam_user(self.account_id, user, source_ip="192.0.2.1", user_agent="test")
        scene = self.writer.scene(actor, datetime.fromtimestamp(seconds, UTC), region)
        return create_tags(scene, "i-0123456789abcdef0", "owner", user)


def session_of(caller: Caller) -> aioboto3.Session:
    """A boto session that signs as this user. All share the models, whose reading holds the loop up for seconds."""
    core = get_session()
    core.register_component("data_loader", MODELS)
    return aioboto3.Session(
        botocore_session=core,
        aws_access_key_id=caller.access_key_id,
        aws_secret_access_key=caller.secret_access_key,
        region_name=REGION,
    )


async def assume(
    simulator: AwsSimulator, external_id: str | None = EXTERNAL_ID, caller: Caller | None = None, **more: Any
) -> aioboto3.Session:
    """A session in the customer's account, by the role in the default test account."""
    parameters: dict[str, Any] = {
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/dd0c-cost-readonly",
        "RoleSessionName": "dd0c",
        **more,
    }
    if external_id is not None:
        parameters["ExternalId"] = external_id
    hub = session_of(caller or simulator.caller)
    async with hub.client("sts", endpoint_url=simulator.url, config=ONE_ATTEMPT) as sts:
        credentials = (await sts.assume_role(**parameters))["Credentials"]
    return aioboto3.Session(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        region_name=REGION,
    )


@asynccontextmanager
async def cloudtrail_of(simulator: AwsSimulator, region: str = REGION) -> "AsyncIterator[CloudTrailClient]":
    """The real CloudTrail client, signed in by the role."""
    session = await assume(simulator)
    async with session.client(
        "cloudtrail", endpoint_url=simulator.url, region_name=region, config=ONE_ATTEMPT
    ) as client:
        yield client
