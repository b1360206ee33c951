"""``dd0c replay`` of what lies in a bucket: the archive the bot wrote, and whatever may be wrong with it."""

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3  # type: ignore[import-untyped] # it ships no types
import pytest

from bot.commands import replay as replay_command
from clients.archive_folder import ArchiveFolder
from clients.aws.archive_bucket import ArchiveBucket
from clients.aws.connect import AwsIdentity
from clients.aws.files import own_s3
from clients.record_files import find_records
from engine.errors import AccessDenied, InvalidSetting, Rejected
from services.archiving import Archiving
from services.ports import Archive
from tests.integration.test_replay_cli import Json, jsonl, launch, lines, run

pytestmark = pytest.mark.integration

ACCOUNT = "111122223333"
NOW = datetime(2026, 1, 6, tzinfo=UTC)


class Bucket:
    """A bucket of its own on the local S3."""

    def __init__(self, client: Any, url: str, name: str) -> None:
        self.client = client
        self.url = url
        self.name = name

    def put(self, key: str, content: bytes) -> None:
        self.client.put_object(Bucket=self.name, Key=key, Body=content)

    def replay(self, prefix: str = "", name: str = "") -> tuple[list[Json], Any]:
        return jsonl(f"s3://{name or self.name}/{prefix}", "--endpoint-url", self.url)


@pytest.fixture
def bucket(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    client = boto3.client("s3", endpoint_url=s3_url)
    name = f"replay-{uuid4().hex}"
    client.create_bucket(Bucket=name)
    yield Bucket(client, s3_url, name)
    client.close()


def records(*hours: int) -> list[bytes]:
    made = (launch(hour, eventTime=f"2026-01-05T{hour:02}:30:00Z") for hour in hours)
    return [line for one in made for line in lines(one).splitlines()]


async def archive(place: Archive) -> None:
    """Keep three hours, the latest first, and one record twice."""
    archiving = Archiving(place, days=400, clock=lambda: NOW)
    for hours in ((12,), (10, 11), (11,)):
        await archiving.append("t-1", ACCOUNT, records(*hours))


def findings(found: list[Json]) -> list[Json]:
    return [{name: value for name, value in one.items() if name != "seconds"} for one in found]


async def test_the_archive_is_scored_alike_in_a_bucket_and_in_a_folder(bucket: Bucket, tmp_path: Path) -> None:
    identity = AwsIdentity("us-east-1", bucket.url, "testing", "testing")
    await archive(ArchiveBucket(bucket.name, "kept", own_s3(identity, bucket.url)))
    await archive(ArchiveFolder(tmp_path))
    in_bucket, result = bucket.replay(f"kept/t-1/{ACCOUNT}/")
    assert result.exit_code == 0, result.output
    in_folder, _ = jsonl(tmp_path)
    assert findings(in_bucket) == findings(in_folder)
    assert [one["event_id"] for one in in_bucket if one["kind"] == "cost_event"] == [
        "launch-10", "launch-11", "launch-12",
    ]  # fmt: skip
    assert in_bucket[-1]["anomalies"] >= 1


def test_damaged_objects_are_named_and_the_others_count(bucket: Bucket) -> None:
    whole = gzip.compress(lines(launch(1)))
    bucket.put("a_20260105T1000Z_a.json.gz", whole)
    bucket.put("b_20260105T1100Z_b.json.gz", whole[:-9])
    bucket.put("notes.txt", b"no records")
    bucket.put("AWSLogs/1/CloudTrail-Digest/c_20260105T1200Z_c.json.gz", whole)
    found, result = bucket.replay()
    assert (found[-1]["records_read"], found[-1]["records_malformed"]) == (2, 1)
    [named] = result.stderr.splitlines()
    assert named.startswith(f"s3://{bucket.name}/b_20260105T1100Z_b.json.gz:")


def test_an_object_that_is_gone_is_named_and_the_others_count(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket.put("a.jsonl", lines(launch(1)))
    bucket.put("b.jsonl", lines(launch(2)))
    find = find_records

    def find_and_lose(paths: list[str], endpoint_url: str | None) -> Any:
        found = find(paths, endpoint_url)
        bucket.client.delete_object(Bucket=bucket.name, Key="a.jsonl")
        return found

    monkeypatch.setattr(replay_command, "find_records", find_and_lose)
    found, result = bucket.replay()
    assert (found[-1]["records_read"], found[-1]["records_malformed"]) == (1, 1)
    assert f"Reading s3://{bucket.name}/a.jsonl: NoSuchKey." in result.stderr


def test_a_bucket_that_is_not_there_is_an_error(bucket: Bucket) -> None:
    _, result = bucket.replay(name="nobodys-bucket")
    assert isinstance(result.exception, Rejected)
    assert "Listing s3://nobodys-bucket/: NoSuchBucket." in str(result.exception)


def test_without_credentials_it_says_so(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    _, result = bucket.replay()
    assert isinstance(result.exception, AccessDenied)
    assert "there are no AWS credentials for it here" in str(result.exception)


@pytest.mark.parametrize("address", ["s3://", "s3://UPPER/x", "s3://bucket?x=1", "s3://bucket/?account=111122223333"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    result = run(address)
    assert isinstance(result.exception, InvalidSetting)
    assert "PATH:" in str(result.exception)


def test_many_objects_are_listed_on_several_pages(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "3")
    for number in range(8):
        bucket.put(f"p/{7 - number}/x_20260101T{number:02}00Z_x.json", lines(launch(number)))
    found, result = bucket.replay("p/")
    assert result.exit_code == 0
    events = [one["event_id"] for one in found if one["kind"] == "cost_event"]
    assert events == [f"launch-{number}" for number in range(8)]
