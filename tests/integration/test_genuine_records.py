"""Genuine CloudTrail records, where a file of them is at hand: name it in DD0C_TEST_RECORDS."""

import json
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from bot.commands.replay import replay
from clients.record_files import RecordFile
from clients.record_sources import LocalFile
from engine.cloudtrail.split import Malformed, split_records

_NAMED = os.environ.get("DD0C_TEST_RECORDS", "")
pytestmark = pytest.mark.skipif(not _NAMED, reason="DD0C_TEST_RECORDS names no file of genuine CloudTrail records")


class _Outcome(msgspec.Struct):
    event_id: str = msgspec.field(name="eventID", default="")
    error_code: str | None = msgspec.field(name="errorCode", default=None)
    account_id: str = msgspec.field(name="recipientAccountId", default="")


def _outcomes() -> Iterator[_Outcome]:
    for one in split_records(RecordFile(LocalFile(Path(_NAMED)), lambda _: None).chunks()):
        if not isinstance(one, Malformed):
            yield msgspec.json.decode(one, type=_Outcome)


def test_every_genuine_record_replays_and_no_failed_call_costs_anything() -> None:
    result = CliRunner().invoke(replay, ["--format", "jsonl", _NAMED])
    assert result.exit_code == 0, result.output
    found = [json.loads(line) for line in result.stdout.splitlines()]
    outcomes = list(_outcomes())
    assert found[-1]["records_read"] == len(outcomes) > 0
    priced = {(one["account_id"], one["event_id"]) for one in found if one["kind"] == "cost_event"}
    succeeded = {(one.account_id, one.event_id) for one in outcomes if not one.error_code}
    failed = {(one.account_id, one.event_id) for one in outcomes if one.error_code} - succeeded
    assert priced
    assert not priced & failed


def test_the_records_are_the_same_however_they_are_cut() -> None:
    packed = Path(_NAMED).read_bytes()
    data = zlib.decompress(packed, 47) if packed.startswith(b"\x1f\x8b") else packed
    whole = list(split_records([data]))
    pieces = list(split_records(data[start : start + 777] for start in range(0, len(data), 777)))
    assert pieces == whole
