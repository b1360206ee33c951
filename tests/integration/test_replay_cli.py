"""``dd0c replay`` as people and scripts run it."""

import gzip
import io
import json
import os
import re
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from bot.commands import replay as replay_command
from bot.commands.replay import replay
from tests.integration.bot_process import DD0C

Json = dict[str, Any]

COST_EVENT = {
    "kind", "event_id", "event_name", "event_time", "account_id", "region", "service", "resource_type",
    "resource_ids", "quantity", "actor", "change", "hourly_cost_usd", "price_source",
}  # fmt: skip
ANOMALY = {
    "kind", "anomaly_id", "account_id", "severity", "score", "event_ids", "actor", "resource_type", "region",
    "hourly_cost_usd", "detected_at", "decision", "signals",
}  # fmt: skip
SUMMARY = {"kind", "records_read", "records_malformed", "duplicates", "cost_events", "anomalies", "seconds"}


def launch(number: int, instance_type: str = "p4d.24xlarge", **more: Any) -> Json:
    return {
        "eventVersion": "1.08",
        "eventSource": "ec2.amazonaws.com",
        "eventName": "RunInstances",
        "eventTime": f"2026-01-05T10:{number:02}:00Z",
        "awsRegion": "us-east-1",
        "eventID": f"launch-{number}",
        "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/bob", "userName": "bob"},
        "responseElements": {"instancesSet": {"items": [{"instanceId": f"i-{number}", "instanceType": instance_type}]}},
        **more,
    }


def lines(*records: Json) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in records)


def run(*arguments: str | Path, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(replay, [str(one) for one in arguments], input=stdin)


def jsonl(*arguments: str | Path, stdin: bytes = b"") -> tuple[list[Json], Result]:
    result = run("--format", "jsonl", *arguments, stdin=stdin)
    return [json.loads(line) for line in result.stdout.splitlines()], result


def of_kind(found: list[Json], kind: str) -> list[Json]:
    return [one for one in found if one["kind"] == kind]


def test_jsonl_has_exactly_the_fields_scripts_rely_on(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_bytes(lines(launch(1)))
    found, result = jsonl(path)
    assert result.exit_code == 0
    event, anomaly, summary = found
    assert set(event) == COST_EVENT
    assert set(anomaly) == ANOMALY
    assert set(summary) == SUMMARY
    assert event["event_time"] == "2026-01-05T10:01:00Z"
    assert event["service"] == "ec2"
    assert event["resource_ids"] == ["i-1"]
    assert event["hourly_cost_usd"] > 20
    assert (anomaly["decision"], anomaly["severity"]) == (
        "alert",
        "warning" if event["hourly_cost_usd"] < 25 else "critical",
    )
    assert set(anomaly["signals"][0]) == {"name", "contribution", "text"}
    assert summary["records_read"] == 1


def test_every_file_in_a_folder_is_read_once_in_order_of_time(tmp_path: Path) -> None:
    early = tmp_path / "us-west-2" / "1_CloudTrail_us-west-2_20260105T1000Z_a.json.gz"
    late = tmp_path / "eu-west-1" / "1_CloudTrail_eu-west-1_20260105T1005Z_b.json.gz"
    for path, number in ((early, 1), (late, 2)):
        path.parent.mkdir()
        path.write_bytes(gzip.compress(json.dumps({"Records": [launch(number)]}).encode()))
    digest = tmp_path / "CloudTrail-Digest" / "digest.json"
    digest.parent.mkdir()
    digest.write_text("{}")
    (tmp_path / "README.md").write_text("no records")
    found, result = jsonl(tmp_path)
    assert [one["event_id"] for one in of_kind(found, "cost_event")] == ["launch-1", "launch-2"]
    assert result.stderr == ""
    assert found[-1]["records_malformed"] == 0


def test_standard_input_may_be_gzip_of_several_parts() -> None:
    packed = gzip.compress(lines(launch(1))) + gzip.compress(lines(launch(2), launch(1)))
    found, result = jsonl("-", stdin=packed)
    assert result.exit_code == 0
    assert found[-1] | {"seconds": 0} == {
        "kind": "summary",
        "records_read": 3,
        "records_malformed": 0,
        "duplicates": 1,
        "cost_events": 2,
        "anomalies": 1,
        "seconds": 0,
    }


def test_malformed_lines_are_named_and_stop_nothing(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_bytes(lines(launch(1)) + b"what?\n" + lines(launch(2)) + b'{"eventName": "cut\n' + lines(launch(3)))
    found, result = jsonl(path)
    assert result.exit_code == 0
    assert [line.rsplit(": ", 1)[0].split(": ")[0] for line in result.stderr.splitlines()] == [f"{path}:2", f"{path}:4"]
    assert found[-1]["records_malformed"] == 2
    assert found[-1]["cost_events"] == 3


def test_only_the_first_troubles_are_named(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_bytes(b"what?\n" * 50 + lines(launch(1)))
    named = run(path).stderr.splitlines()
    assert len(named) == 21
    assert named[-1] == f"{path}: ... and 30 more of these"


def test_a_bad_file_hides_nothing_of_those_after_it(tmp_path: Path) -> None:
    packed = gzip.compress(lines(launch(1)) + b"what?\n" * 30 + json.dumps({"Records": [launch(2)]}).encode())
    (tmp_path / "a.jsonl").write_bytes(b"what?\n" * 50 + lines(launch(1)))
    (tmp_path / "b.jsonl").write_bytes(b"what?\n" + lines(launch(3)))
    (tmp_path / "c.json.gz").write_bytes(b"\x1f\x8b" + b"\x00" * 100)
    (tmp_path / "d.json.gz").write_bytes(packed[:-12])
    named = run(tmp_path, tmp_path / "absent.json").stderr.splitlines()
    of = {name: [line for line in named if f"/{name}" in line] for name in ("a.jsonl", "b.jsonl", "c.json", "d.json")}
    assert {name: len(found) for name, found in of.items()} == {"a.jsonl": 21, "b.jsonl": 1, "c.json": 1, "d.json": 22}
    assert "is damaged gzip" in of["c.json"][0]
    assert sum("is gzip that was cut off; what is there was read" in line for line in of["d.json"]) == 1
    assert named[-1].endswith("absent.json: cannot be read: No such file or directory")


LAUNCHES = [launch(number % 60, eventID=str(number)) for number in range(500)]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(lines(*LAUNCHES), id="lines"),
        pytest.param(json.dumps({"Records": LAUNCHES}).encode(), id="log file"),
        pytest.param(json.dumps({"Records": LAUNCHES}, indent=2).encode(), id="indented log file"),
    ],
)
def test_a_truncated_gzip_is_one_trouble_and_what_is_there_is_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "records.json.gz"
    packed = gzip.compress(content, compresslevel=1)
    path.write_bytes(packed[: len(packed) // 2])
    found, result = jsonl(path)
    assert result.exit_code == 0
    [trouble] = result.stderr.splitlines()
    assert re.fullmatch(re.escape(str(path)) + r":\d+: is gzip that was cut off; what is there was read", trouble)
    assert 0 < found[-1]["records_read"] < 500
    assert found[-1]["records_malformed"] == 1


def test_gzip_cut_off_between_two_records_is_named_too(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl.gz"
    path.write_bytes(gzip.compress(lines(launch(1), launch(2)))[:-8])
    found, result = jsonl(path)
    assert result.stderr == f"{path}: is gzip that was cut off; what is there was read\n"
    assert (found[-1]["records_read"], found[-1]["records_malformed"]) == (2, 1)


def test_a_log_file_without_an_end_is_one_trouble(tmp_path: Path) -> None:
    path = tmp_path / "records.json"
    path.write_bytes(json.dumps({"Records": [launch(1), launch(2)]}, indent=2).encode()[:-100])
    found, result = jsonl(path)
    assert result.stderr.endswith(": cut off: the input ends in the middle of it\n")
    assert (found[-1]["records_read"], found[-1]["records_malformed"]) == (1, 1)


def test_a_precursor_costs_nothing_and_says_so(tmp_path: Path) -> None:
    """Its price is known: nothing was bought, and that is 0.0 and not null."""
    path = tmp_path / "records.jsonl"
    path.write_bytes(lines(*(launch(number, errorCode="Client.InstanceLimitExceeded") for number in range(3))))
    [finding] = of_kind(jsonl(path)[0], "anomaly")
    assert (finding["resource_type"], finding["hourly_cost_usd"]) == ("failed_launch", 0.0)
    assert (finding["severity"], finding["decision"], finding["score"]) == ("info", "digest", 0.0)


def test_damaged_gzip_does_not_stop_other_files(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(b"\x1f\x8b" + b"\x00" * 100)
    (tmp_path / "b.jsonl").write_bytes(lines(launch(1)))
    found, result = jsonl(tmp_path, tmp_path / "absent.json")
    assert found[-1]["cost_events"] == 1
    assert "a.gz: is damaged gzip" in result.stderr
    assert "absent.json: cannot be read: No such file or directory" in result.stderr
    assert result.exit_code == 0


@pytest.mark.parametrize("content", [b"", b"no records here\n", b"{}"])
def test_nothing_readable_is_a_failure_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "records.json"
    path.write_bytes(content)
    result = run(path)
    assert result.exit_code == 1
    assert f"No CloudTrail record could be read from {path}." in result.stderr


def test_what_failed_is_never_priced() -> None:
    found, _ = jsonl("-", stdin=lines(launch(1, errorCode="Client.UnauthorizedOperation")))
    assert [one["kind"] for one in found] == ["summary"]


def test_the_table_says_what_who_why_and_how_much() -> None:
    result = run("-", stdin=lines(launch(1), launch(2)))
    assert result.exit_code == 0
    for text in (
        "2 x p4d.24xlarge",
        "in us-east-1",
        "bob",
        "111122223333",
        "Safety net",
        "2026-01-05 10:01",
        "(alert: 1)",
    ):
        assert text in " ".join(result.stdout.split())


@pytest.mark.parametrize("width", [40, 80, 100, 120, 200])
def test_nothing_is_cut_however_narrow_the_terminal_is(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = "deployments-of-the-whole-company@build.example.com"
    shards: Json = {
        "eventSource": "kinesis.amazonaws.com",
        "eventName": "CreateStream",
        "requestParameters": {"streamName": "clicks", "shardCount": 900},
    }
    identity = {"type": "IAMUser", "arn": f"arn:aws:iam::111122223333:user/{actor}", "userName": actor}
    shown = io.StringIO()
    monkeypatch.setattr(replay_command, "Console", partial(Console, file=shown, force_terminal=True, width=width))
    assert run("-", stdin=lines(launch(1, **shards, userIdentity=identity))).exit_code == 0
    rows = re.sub(r"\x1b\[[0-9;]*m", "", shown.getvalue())
    assert max(map(len, rows.splitlines())) <= width
    assert "\N{HORIZONTAL ELLIPSIS}" not in rows
    letters = re.sub(r"[\s\u2500-\u257f]", "", rows)
    assert "kinesis_stream" in letters
    if width < 110:  # In a table, a folded name has other columns between its parts.
        assert actor in letters


@pytest.mark.parametrize("form", ["table", "jsonl"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_one_sentence(form: str, tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_bytes(lines(*LAUNCHES))
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(  # noqa: S603 - our own program
            [DD0C, "replay", "--format", form, str(path)], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert ended.returncode == 1
    assert ended.stderr == b"Error: Standard output cannot be written: No space left on device.\n"


def test_letters_that_the_output_cannot_show_are_escaped(tmp_path: Path) -> None:
    identity = {
        "type": "IAMUser",
        "arn": "arn:aws:iam::1:user/x",
        "userName": "Zo\N{LATIN SMALL LETTER E WITH DIAERESIS}",
    }
    path = tmp_path / "records.jsonl"
    path.write_bytes(lines(launch(1, userIdentity=identity)))
    ended = subprocess.run(  # noqa: S603 - our own program
        [DD0C, "replay", str(path)], env={**os.environ, "PYTHONIOENCODING": "ascii"}, capture_output=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert b"Zo\\xeb" in ended.stdout


def test_nothing_in_a_record_reaches_the_terminal_as_a_command() -> None:
    identity = {"type": "IAMUser", "arn": "arn:aws:iam::1:user/x", "userName": "\x1b[31m[bold]eve"}
    result = run("-", stdin=lines(launch(1, userIdentity=identity)))
    assert "\x1b[31m" not in result.stdout
    assert "?[31m[bold]eve" in " ".join(result.stdout.split())
