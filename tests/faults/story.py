"""What happens in an AWS account, chapter by chapter, and what must be known of it in the end."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from demo.aws_account.identities import assumed_role, iam_user
from demo.aws_account.records import Record, Writer, create_log_stream, run_instances, terminate_instances
from demo.aws_account.records.ec2 import instance_ids

REGION = "us-east-1"
DEAR, CHEAP = "p3.8xlarge", "t3.small"
_LAUNCHES = 2


@dataclass(frozen=True)
class Chapter:
    """Somebody new starts dear machines, which makes one card, while a deployment starts a cheap one, which makes none.

    ``by_push`` and ``by_poll`` say on which ways its records come; on both, all of them come twice. ``is_expected``
    says that a person will click so. The machine that a chapter ``stops`` was started in it.
    """

    number: int
    records: list[Record]
    starts: list[str]
    left_running: list[str]
    cost_events: list[str]
    by_push: bool
    by_poll: bool
    is_expected: bool

    @property
    def name(self) -> str:
        """The name its card must show."""
        return _name(self.number)


@dataclass
class Story:
    """Chapters by a seed; ``told`` are those that were told so far."""

    account_id: str
    seed: int
    happened_ago: timedelta = timedelta(minutes=3)
    told: list[Chapter] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._writer = Writer(self.account_id, Random(self.seed))  # noqa: S311 - made-up ids, no secrets

    def next_chapter(self) -> Chapter:
        """Let some minutes ago have happened what only now becomes known, as it is with CloudTrail."""
        number = len(self.told)
        at = datetime.now(UTC) - self.happened_ago
        actor = iam_user(self.account_id, _name(number), source_ip="192.0.2.10", user_agent="aws-cli")
        deploy = assumed_role(self.account_id, "deploy", "run-1", source_ip="192.0.2.1", user_agent="terraform")
        stranger, usual = self._writer.scene(actor, at, REGION), self._writer.scene(deploy, at, REGION)
        dear = [run_instances(stranger, DEAR, 1) for _ in range(_LAUNCHES)]
        cheap = run_instances(usual, CHEAP, 1)
        running = [one for launch in (*dear, cheap) for one in instance_ids(launch)]
        ends = []
        if number % 3 == 2:
            later = self._writer.scene(actor, at + timedelta(seconds=30), REGION)
            ends = [terminate_instances(later, [running.pop(0)])]
        chapter = Chapter(
            number=number,
            records=[*dear, cheap, create_log_stream(usual, "/aws/app"), *ends],
            starts=[one["eventID"] for one in dear],
            left_running=running,
            cost_events=[one["eventID"] for one in (*dear, cheap, *ends)],
            by_push=number % 4 != 1,
            by_poll=number % 4 != 0,
            is_expected=number % 3 == 1,
        )
        self.told.append(chapter)
        return chapter


def _name(number: int) -> str:
    """No name begins another, so that a card can be found by it."""
    return f"stranger-{number:04}"
