"""``dd0c doctor`` against servers on this machine: each thing that may be wrong is named, with what to do."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from bot.identity import utc_now
from demo.aws_account import AwsSimulator
from demo.slack_workspace import SlackWorkspace
from demo.stripe_account import StripeSimulator
from engine.models.trail import FileState
from store.connect import connect
from tests.fixtures.mail import PASSWORD, post_office
from tests.fixtures.sqs import KEY_ID, SECRET, SqsServer
from tests.store.samples import HOUR, TENANT, batch, trail_file

pytestmark = pytest.mark.integration
DD0C = Path(sys.executable).with_name("dd0c")
NAMES = ("SLACK", "MONGODB", "AWS", "DD0C", "STRIPE")


class Clinic:
    """Everything the bot needs, with the settings that lead there."""

    def __init__(self, aws: AwsSimulator, slack: SlackWorkspace, mongod_uri: str, folder: Path) -> None:
        self.folder = folder
        self.slack = slack
        self.uri = mongod_uri
        self.database = f"doctor-{uuid4().hex[:12]}"
        self.settings = {
            **aws.environment(),
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_API_URL": slack.api_url,
            "DD0C_ALERT_CHANNEL": slack.add_channel("costs").channel_id,
            "MONGODB_URI": mongod_uri,
            "DD0C_DATABASE": self.database,
            "DD0C_ARCHIVE_URL": (folder / "archive").as_uri(),
        }

    async def examined(self, **changes: str) -> tuple[int, str]:
        """Run the doctor; gives its exit status and all it said."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(NAMES)}
        process = await asyncio.create_subprocess_exec(
            DD0C,
            "doctor",
            env={**kept, **self.settings, **changes},
            cwd=self.folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        return process.returncode or 0, said.decode()


@pytest.fixture
async def clinic(mongod_uri: str, tmp_path: Path) -> AsyncIterator[Clinic]:
    aws = AwsSimulator()
    await aws.start()
    async with SlackWorkspace(rate_limit=False) as slack:
        yield Clinic(aws, slack, mongod_uri, tmp_path)
    await aws.stop()


async def test_a_healthy_installation(clinic: Clinic) -> None:
    status, said = await clinic.examined()
    assert status == 0, said
    assert [line.split(":")[0] for line in said.splitlines()] == [
        "ok     settings",
        "ok     MongoDB",
        "ok     Slack",
        "ok     AWS",
        "ok     archive",
    ]
    assert clinic.slack.team_id in said
    assert "user/dd0c-hub" in said
    assert clinic.settings["SLACK_BOT_TOKEN"] not in said
    assert [path for path in (clinic.folder / "archive").rglob("*") if path.is_file()] == []


async def test_what_customers_would_pay_is_what_they_are_promised(clinic: Clinic, stripe: StripeSimulator) -> None:
    paid = {**stripe.environment(), "DD0C_URL": "https://costs.acme.example"}
    status, said = await clinic.examined(**paid)
    assert (status, "ok     Stripe: price_demo_pro asks 19 USD a month" in said) == (0, True), said
    stripe.ledger.price["unit_amount"] = 2900
    status, said = await clinic.examined(**paid)
    assert (status, "WRONG  Stripe" in said, "asks 29.00 USD a month" in said) == (1, True, True), said
    _, said = await clinic.examined(**{**paid, "DD0C_STRIPE_PRICE": "price_of_nobody"})
    assert "Stripe says resource_missing. Look at STRIPE_API_KEY" in said


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"SLACK_SIGNING_SECRET": ""}, ["WRONG  settings", "SLACK_SIGNING_SECRET", "ok     MongoDB"]),
        ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, ["WRONG  Slack", "Copy it again", "ok     AWS"]),
        ({"MONGODB_URI": "mongodb://127.0.0.1:1/"}, ["WRONG  MongoDB", "ok     Slack"]),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, ["WRONG  AWS", "did not answer", "ok     archive"]),
        ({"AWS_ACCESS_KEY_ID": "AKIANOBODY"}, ["WRONG  AWS", "InvalidClientTokenId"]),
        ({"DD0C_ARCHIVE_URL": "file:///proc/nowhere"}, ["WRONG  archive", "DD0C_ARCHIVE_URL", "ok     AWS"]),
        ({"DD0C_POLL_SECONDS": "soon"}, ["WRONG  settings", "DD0C_POLL_SECONDS"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
async def test_what_is_wrong_is_named_and_the_rest_looked_at(
    clinic: Clinic, changes: dict[str, str], words: list[str]
) -> None:
    status, said = await clinic.examined(**changes)
    assert status == 1, said
    assert all(word in said for word in words), said
    assert "Traceback" not in said


async def test_the_mail_server_and_whether_it_takes_the_password(clinic: Clinic) -> None:
    async with post_office(auth_require_tls=False) as office:
        url = office.url.replace("://", "://digests:{}@")
        mail = {"DD0C_SMTP_FROM": "costs@example.com", "DD0C_DIGEST_EMAILS": "ann@example.com"}
        status, said = await clinic.examined(DD0C_SMTP_URL=url.format("wrong-password"), **mail)
        assert (status, "WRONG  mail" in said, "wrong-password" in said) == (1, True, False), said
        right = url.format(PASSWORD.replace(" ", "%20"))
        status, said = await clinic.examined(DD0C_SMTP_URL=right, **mail)
        assert (status, "the digest goes to ann@example.com" in said) == (0, True), said
        status, said = await clinic.examined(DD0C_SMTP_URL=right, **mail | {"DD0C_DIGEST_EMAILS": ""})
        assert (status, "nobody gets any" in said) == (1, True), said
        assert office.raw == []


async def test_batches_that_were_set_aside_are_told(clinic: Clinic) -> None:
    store = await connect(clinic.uri, clinic.database)
    await store.inbox.save_batches([batch("b-1")])
    await store.inbox.set_aside(TENANT, "b-1", "damaged")
    await store.trails.save_file(trail_file(state=FileState.SET_ASIDE), utc_now() + HOUR)
    store.close()
    status, said = await clinic.examined()
    told = "1 received batches could not take effect, 1 log files could not be read. `dd0c queue aside`"
    assert (status, told in said) == (1, True), said


@pytest.mark.parametrize(
    ("receives", "words"),
    [(3, "ok     work queue"), (5, "gives up after 5 receives; 3"), (None, "no dead-letter queue")],
)
async def test_the_work_queue_and_its_redrive_policy(
    clinic: Clinic, sqs_server: SqsServer, receives: int | None, words: str
) -> None:
    url = sqs_server.new_queue(receives=receives)
    keys = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_ENDPOINT_URL": sqs_server.url}
    status, said = await clinic.examined(DD0C_WORK_QUEUE_URL=url, **keys)
    assert words in said, said
    assert status == (0 if receives == 3 else 1)


async def test_messages_from_eventbridge_that_were_given_up(clinic: Clinic, sqs_server: SqsServer) -> None:
    sqs, name = sqs_server.client(), f"events-{uuid4().hex[:8]}"
    dead = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
    url = sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": policy})["QueueUrl"]
    keys = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_ENDPOINT_URL": sqs_server.url}
    status, said = await clinic.examined(DD0C_EVENT_QUEUE_URL=url, **keys)
    assert (status, "ok     events" in said) == (0, True), said
    sqs.send_message(QueueUrl=dead, MessageBody="poison")
    status, said = await clinic.examined(DD0C_EVENT_QUEUE_URL=url, **keys)
    assert (status, "1 messages from EventBridge were given up" in said) == (1, True), said
    status, said = await clinic.examined(DD0C_EVENT_QUEUE_URL=f"{url}-gone", **keys)
    assert (status, "WRONG  events" in said) == (1, True), said
