"""``dd0c doctor`` against servers on this machine: each thing that may be wrong is named, with what to do."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from bot.doctor import find_looks, look_once
from bot.identity import utc_now
from bot.settings import load_settings
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

    def __init__(
        self, aws: AwsSimulator, slack: SlackWorkspace, mongod_uri: str, folder: Path, given: pytest.MonkeyPatch
    ) -> None:
        self._given = given
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

    async def looked_at(self, name: str, **changes: str) -> tuple[bool, str]:
        """Whether one thing is well, and what is said of it."""
        with self._given.context() as given:
            for setting, value in {**self.settings, **changes}.items():
                given.setenv(setting, value)
            found = await look_once(name, dict(find_looks(load_settings()))[name])
        return found.healthy, found.text

    async def examined(self, **changes: str) -> tuple[int, str]:
        """Run the whole doctor as a process; gives its exit status and all it said."""
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
async def clinic(mongod_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Clinic]:
    monkeypatch.chdir(tmp_path)
    aws = AwsSimulator()
    await aws.start()
    async with SlackWorkspace(rate_limit=False) as slack:
        yield Clinic(aws, slack, mongod_uri, tmp_path, monkeypatch)
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
    well, said = await clinic.looked_at("Stripe", **paid)
    assert (well, "price_demo_pro asks 19 USD a month" in said) == (True, True), said
    stripe.ledger.price["unit_amount"] = 2900
    well, said = await clinic.looked_at("Stripe", **paid)
    assert (well, "asks 29.00 USD a month" in said) == (False, True), said
    _, said = await clinic.looked_at("Stripe", **{**paid, "DD0C_STRIPE_PRICE": "price_of_nobody"})
    assert "Stripe says resource_missing. Look at STRIPE_API_KEY" in said


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"SLACK_SIGNING_SECRET": "", "AWS_ACCESS_KEY_ID": "AKIANOBODY", "DD0C_ALERT_CHANEL": "C1"},
            ["WRONG  settings", "SLACK_SIGNING_SECRET is not", "CHANEL is no", "WRONG  AWS", "ok     MongoDB"],
        ),
        (
            {"SLACK_BOT_TOKEN": "xoxb-wrong", "MONGODB_URI": "mongodb://127.0.0.1:1/"},
            ["ok     settings", "WRONG  MongoDB", "WRONG  Slack", "Copy it again", "ok     AWS", "ok     archive"],
        ),
        ({"DD0C_POLL_SECONDS": "soon"}, ["WRONG  settings", "DD0C_POLL_SECONDS"]),
    ],
    ids=["of serve", "elsewhere", "of all"],
)
async def test_what_is_wrong_is_named_and_the_rest_looked_at(
    clinic: Clinic, changes: dict[str, str], words: list[str]
) -> None:
    status, said = await clinic.examined(**changes)
    assert status == 1, said
    assert all(word in said for word in words), said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("AWS", {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "did not answer"),
        ("AWS", {"AWS_ACCESS_KEY_ID": "AKIANOBODY"}, "InvalidClientTokenId"),
        ("archive", {"DD0C_ARCHIVE_URL": "file:///proc/nowhere"}, "Make DD0C_ARCHIVE_URL writable"),
    ],
)
async def test_what_cannot_be_used_is_named_once(
    clinic: Clinic, name: str, changes: dict[str, str], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    well, said = await clinic.looked_at(name, **changes)
    assert (well, words in said) == (False, True), said
    assert [one.getMessage() for one in caplog.records if one.levelname in {"WARNING", "ERROR"}] == []


async def test_the_mail_server_and_whether_it_takes_the_password(clinic: Clinic) -> None:
    async with post_office(auth_require_tls=False) as office:
        url = office.url.replace("://", "://digests:{}@")
        mail = {"DD0C_SMTP_FROM": "costs@example.com", "DD0C_DIGEST_EMAILS": "ann@example.com"}
        well, said = await clinic.looked_at("mail", DD0C_SMTP_URL=url.format("wrong-password"), **mail)
        assert (well, "Look at DD0C_SMTP_URL" in said, "wrong-password" in said) == (False, True, False), said
        right = url.format(PASSWORD.replace(" ", "%20"))
        well, said = await clinic.looked_at("mail", DD0C_SMTP_URL=right, **mail)
        assert (well, "the digest goes to ann@example.com" in said) == (True, True), said
        well, said = await clinic.looked_at("mail", DD0C_SMTP_URL=right, **mail | {"DD0C_DIGEST_EMAILS": ""})
        assert (well, "nobody gets any" in said) == (False, True), said
        assert office.raw == []


async def test_batches_that_were_set_aside_are_told(clinic: Clinic) -> None:
    store = await connect(clinic.uri, clinic.database)
    await store.inbox.save_batches([batch("b-1")])
    await store.inbox.set_aside(TENANT, "b-1", "damaged")
    await store.trails.save_file(trail_file(state=FileState.SET_ASIDE), utc_now() + HOUR)
    store.close()
    well, said = await clinic.looked_at("MongoDB")
    told = "1 received batches could not take effect, 1 log files could not be read. `dd0c queue aside`"
    assert (well, told in said) == (False, True), said


@pytest.mark.parametrize(
    ("receives", "words"),
    [(3, "no dead letters"), (5, "gives up after 5 receives; 3"), (None, "no dead-letter queue")],
)
async def test_the_work_queue_and_its_redrive_policy(
    clinic: Clinic, sqs_server: SqsServer, receives: int | None, words: str
) -> None:
    url = sqs_server.new_queue(receives=receives)
    keys = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_ENDPOINT_URL": sqs_server.url}
    well, said = await clinic.looked_at("work queue", DD0C_WORK_QUEUE_URL=url, **keys)
    assert words in said, said
    assert well is (receives == 3)


async def test_messages_from_eventbridge_that_were_given_up(clinic: Clinic, sqs_server: SqsServer) -> None:
    sqs, name = sqs_server.client(), f"events-{uuid4().hex[:8]}"
    dead = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
    url = sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": policy})["QueueUrl"]
    keys = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_ENDPOINT_URL": sqs_server.url}
    assert await clinic.looked_at("events", DD0C_EVENT_QUEUE_URL=url, **keys) == (True, "no dead letters")
    sqs.send_message(QueueUrl=dead, MessageBody="poison")
    well, said = await clinic.looked_at("events", DD0C_EVENT_QUEUE_URL=url, **keys)
    assert (well, "1 messages from EventBridge were given up" in said) == (False, True), said
    well, said = await clinic.looked_at("events", DD0C_EVENT_QUEUE_URL=f"{url}-gone", **keys)
    assert (well, "GetQueueUrl on DD0C_EVENT_QUEUE_URL" in said) == (False, True), said
