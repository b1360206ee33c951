"""Say what a change of scoring, baselines or thresholds does to sample events: before it, and now.

`python scripts/before_after.py [BASE] [--flag NAME]` replays a few stories of one account each with the code of BASE (a
commit; the last one by default) and with the working tree's, there with the rule NAME on trial, and prints the highest
score and the decision of both, as a table and as the JSON that a decision log takes under `before_after`.
"""

import argparse
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
Record = dict[str, Any]
_REPLAY = "from bot.cli import main; main()"


def _launch(account: str, at: datetime, number: int, kind: str, *, count: int = 1, region: str = "us-east-1") -> Record:
    ids = [f"i-{number:08x}{one:04x}" for one in range(count)]
    return {
        "eventSource": "ec2.amazonaws.com",
        "eventName": "RunInstances",
        "eventTime": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "awsRegion": region,
        "eventID": f"{account}-{number}",
        "recipientAccountId": account,
        "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::{account}:user/bob", "userName": "bob"},
        "requestParameters": {},
        "responseElements": {"instancesSet": {"items": [{"instanceId": one, "instanceType": kind} for one in ids]}},
    }


def _end(launched: Record, at: datetime) -> Record:
    items = [{"instanceId": one["instanceId"]} for one in launched["responseElements"]["instancesSet"]["items"]]
    ended = {"instancesSet": {"items": items}}
    time = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    name = f"{launched['eventID']}-end"
    return {
        **launched,
        "eventName": "TerminateInstances",
        "eventTime": time,
        "eventID": name,
        "responseElements": ended,
    }


def _routine(account: str, days: int) -> Iterator[Record]:
    """Two m5.large for an hour, every day."""
    for day in range(days):
        began = _launch(account, START + day * DAY, day, "m5.large", count=2)
        yield began
        yield _end(began, START + day * DAY + 60 * MINUTE)


def _one(kind: str, count: int = 1, day: int = 20) -> Callable[[str], Iterator[Record]]:
    def story(account: str) -> Iterator[Record]:
        yield from _routine(account, day)
        yield _launch(account, START + day * DAY, 1000, kind, count=count)

    return story


def _loop(account: str) -> Iterator[Record]:
    """A hundred and twenty small machines in three Regions within an hour."""
    yield from _routine(account, 20)
    for number in range(120):
        region = ("us-east-1", "eu-west-1", "ap-south-1")[number % 3]
        yield _launch(account, START + 20 * DAY + number * MINUTE / 2, 1000 + number, "m5.xlarge", region=region)


def _creep(days: int, a_day: int) -> Callable[[str], Iterator[Record]]:
    """Machines that are started all day long, after so many days of routine, and never ended."""

    def story(account: str) -> Iterator[Record]:
        yield from _routine(account, days)
        for number in range(6 * a_day):
            at = START + days * DAY + number * DAY / a_day
            yield _launch(account, at, 1000 + number, "m5.8xlarge")

    return story


STORIES: dict[str, Callable[[str], Iterator[Record]]] = {
    "routine": lambda account: _routine(account, 30),
    "two of the usual more": _one("m5.large", 4),
    "another family at the usual price": _one("m6i.large", 2),
    "one p5.48xlarge": _one("p5.48xlarge"),
    "one p5.48xlarge on the third day": _one("p5.48xlarge", day=3),
    "a loop over three Regions": _loop,
    "a creep after twenty days": _creep(20, 8),
    "a creep after six days": _creep(6, 8),
}


def replay(tree: Path, records: Path, *options: str) -> dict[str, dict[str, Any]]:
    """What the code in ``tree`` makes of the records: account -> its weightiest finding."""
    command = [sys.executable, "-c", _REPLAY, "replay", "--format", "jsonl", *options, str(records)]
    done = subprocess.run(command, cwd=tree, check=True, capture_output=True)  # noqa: S603 - this Python, our code
    worst: dict[str, dict[str, Any]] = {}
    for line in map(json.loads, done.stdout.splitlines()):
        if line["kind"] == "anomaly" and line["score"] > worst.get(line["account_id"], {"score": 0.0})["score"]:
            worst[line["account_id"]] = line
    return worst


def tree_of(base: str, folder: Path) -> Path:
    """The files of a commit."""
    packed = subprocess.run(["git", "archive", base], cwd=REPOSITORY, check=True, capture_output=True).stdout  # noqa: S603, S607 - the git of whoever calls
    with tarfile.open(fileobj=BytesIO(packed)) as files:
        files.extractall(folder, filter="data")
    return folder


def compare(base: str, *options: str) -> list[dict[str, str]]:
    """One row a story."""
    with tempfile.TemporaryDirectory() as folder:
        records = Path(folder) / "records.jsonl"
        accounts = {name: f"{number:012d}" for number, name in enumerate(STORIES, 1)}
        told = [json.dumps(one) for name, story in STORIES.items() for one in story(accounts[name])]
        records.write_text("\n".join(told) + "\n")
        before = replay(tree_of(base, Path(folder) / "before"), records)
        after = replay(REPOSITORY, records, *options)
    rows = accounts.items()
    return [{"event": name, "before": _said(before.get(key)), "after": _said(after.get(key))} for name, key in rows]


def _said(finding: dict[str, Any] | None) -> str:
    return "nothing" if finding is None else f"{finding['decision']}, score {finding['score']:.2f}"


def main() -> None:
    """Print the comparison."""
    asked = argparse.ArgumentParser(description="Compare what sample events come to, before a change and now.")
    asked.add_argument("base", nargs="?", default="HEAD")
    asked.add_argument("--flag")
    given = asked.parse_args()
    found = compare(given.base, *(["--flag", given.flag] if given.flag else []))
    for row in found:
        sys.stdout.write(f"{row['event']:40}  {row['before']:24}  {row['after']}\n")
    sys.stdout.write(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
