"""The speed benchmark: what it measures is what it says, and all ways read the same bytes."""

import json
from collections import Counter
from itertools import islice

import msgspec
import pytest
from click.testing import CliRunner

from bench.speed.command import speed
from bench.speed.measure import measure
from bench.speed.memory import peak_megabytes
from bench.speed.records import make_records
from bench.speed.ways import LIMIT, OURS, TypedRecord, replay, ways
from clients.prices import load_price_table
from engine.cloudtrail import decode_record, parse
from engine.models.cost_event import Change

COUNT = 1200


@pytest.fixture
def _orjson() -> None:
    pytest.importorskip("orjson", reason="make bench installs it")


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    return list(make_records(COUNT))


def test_records_are_of_the_size_and_kinds_that_are_promised(lines: list[bytes]) -> None:
    records = [json.loads(line) for line in lines]
    assert 1200 < sum(map(len, lines)) / COUNT < 2500
    assert len({record["eventID"] for record in records}) == COUNT
    assert [record["eventTime"] for record in records] == sorted(record["eventTime"] for record in records)
    assert len({record["recipientAccountId"] for record in records}) == 20
    assert len({record["eventName"] for record in records}) > 12


def test_one_record_of_six_bears_cost_and_every_one_of_them_is_understood(lines: list[bytes]) -> None:
    changes = Counter(event.change for line in lines for event in parse(decode_record(line)))
    assert sum(changes.values()) == COUNT / 6
    assert min(changes[Change.START], changes[Change.STOP]) > COUNT / 20


def test_the_same_seed_gives_the_same_records() -> None:
    assert list(make_records(60, seed=4)) == list(make_records(60, seed=4)) != list(make_records(60, seed=5))


def test_the_engine_reads_prices_and_groups_all_of_it() -> None:
    summary = replay((line + b"\n" for line in make_records(10 * COUNT)), load_price_table())
    assert (summary.records_read, summary.records_malformed, summary.duplicates) == (10 * COUNT, 0, 0)
    assert summary.cost_events == 10 * COUNT / 6
    assert summary.anomalies > 0


def test_the_limit_decodes_everything_the_engine_reads(lines: list[bytes]) -> None:
    typed, ours = msgspec.json.decode(lines[0], type=TypedRecord), decode_record(lines[0])
    assert typed.request_parameters == msgspec.json.decode(ours.request_parameters)
    assert {field.name for field in msgspec.structs.fields(TypedRecord)} == {
        field.name for field in msgspec.structs.fields(type(ours))
    }


@pytest.mark.usefixtures("_orjson")
def test_ratios_are_those_within_a_round() -> None:
    rows = {row.way: row for row in measure(ways(list(make_records(60)), load_price_table()), 60, 2)}
    assert (rows[LIMIT].of_limit, rows["orjson"].of_orjson) == (1.0, 1.0)
    assert rows[OURS].microseconds_per_record == pytest.approx(1e6 / rows[OURS].records_per_second)


def test_memory_is_measured_in_a_process_of_its_own() -> None:
    held_here = b"\1" * 300 * 2**20
    assert peak_megabytes(600) < 200 < len(held_here) / 2**20


@pytest.mark.usefixtures("_orjson")
def test_the_last_line_holds_every_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.speed.command._counts", lambda _quick: (60, 120))
    result = CliRunner().invoke(speed, ["--json", "--records", "60", "--rounds", "1"])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.output.splitlines()[-1])
    assert [way["way"] for way in answer["ways"]] == [LIMIT, "orjson", "json", OURS]
    assert [one["records"] for one in answer["memory"]] == [60, 120]
    assert "Peak memory" in result.output


def test_records_are_made_as_they_are_asked_for() -> None:
    assert len(list(islice(make_records(10**9), 3))) == 3
