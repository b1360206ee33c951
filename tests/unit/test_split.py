"""Splitting streams into records: any form, any chunk boundaries, any damage."""

import itertools
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cloudtrail.record import CloudTrailRecord
from engine.cloudtrail.split import LARGEST_RECORD, Malformed, read_records, split_records

Json = dict[str, Any]


def record(number: int, **more: Any) -> Json:
    return {
        "eventVersion": "1.08",
        "eventSource": "ec2.amazonaws.com",
        "eventName": "RunInstances",
        "eventTime": "2026-01-05T10:00:00Z",
        "eventID": f"e{number}",
        **more,
    }


def dump(value: Any) -> bytes:
    return json.dumps(value).encode()


def log_file(records: list[Json]) -> bytes:
    return dump({"Records": records})


def padded_log_file(records: list[Json]) -> bytes:
    return dump({"fileVersion": [1, {"Records": "no"}], "Records": records, "end": {"a": None}})


def pretty_log_file(records: list[Json]) -> bytes:
    return json.dumps({"owner": "me", "Records": records}, indent=2).encode()


def json_lines(records: list[Json]) -> bytes:
    return b"".join(dump(one) + b"\n" for one in records)


def windows_lines(records: list[Json]) -> bytes:
    return b"\xef\xbb\xbf" + b"\r\n\r\n".join(dump(one) for one in records)


def concatenated(records: list[Json]) -> bytes:
    return b"".join(dump(one) for one in records)


def pretty_concatenated(records: list[Json]) -> bytes:
    return b"\n".join(json.dumps(one, indent=4).encode() for one in records)


def bare_list(records: list[Json]) -> bytes:
    return dump(records)


def envelopes(records: list[Json]) -> bytes:
    return b"\n".join(dump({"version": "0", "source": "aws.ec2", "detail": one}) for one in records)


def lookup_page(records: list[Json]) -> bytes:
    events = [{"EventId": one["eventID"], "CloudTrailEvent": json.dumps(one)} for one in records]
    return json.dumps({"Events": events, "NextToken": "x"}, indent=4).encode()


FORMS: list[Callable[[list[Json]], bytes]] = [
    log_file,
    padded_log_file,
    pretty_log_file,
    json_lines,
    windows_lines,
    concatenated,
    pretty_concatenated,
    bare_list,
    envelopes,
    lookup_page,
]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
loose = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
record_lists = st.lists(loose, max_size=6).map(
    lambda bodies: [record(number, requestParameters=body) for number, body in enumerate(bodies)]
)


def cut(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    position = 0
    for size in itertools.cycle(sizes):
        if position >= len(data):
            return
        yield data[position : position + size]
        position += size


def read(chunks: Any) -> tuple[list[CloudTrailRecord], list[Malformed]]:
    good: list[CloudTrailRecord] = []
    bad: list[Malformed] = []
    for found in read_records(chunks):
        if isinstance(found, Malformed):
            bad.append(found)
        else:
            good.extend(found.records)
    return good, bad


def ids(data: bytes) -> list[str]:
    return [one.event_id for one in read([data])[0]]


@given(
    record_lists, st.lists(st.sampled_from(FORMS), min_size=1, max_size=3), st.lists(st.integers(1, 400), min_size=1)
)
def test_every_form_gives_the_same_records(
    records: list[Json], forms: list[Callable[[list[Json]], bytes]], sizes: list[int]
) -> None:
    data = b"\n".join(form(records).removeprefix(b"\xef\xbb\xbf") for form in forms)
    found = list(split_records(cut(data, sizes)))
    assert [json.loads(one) for one in found if isinstance(one, bytes)] == records * len(forms)
    assert not [one for one in found if isinstance(one, Malformed)]
    good, bad = read(cut(data, sizes))
    assert [one.event_id for one in good] == [one["eventID"] for one in records] * len(forms)
    assert [msgspec.json.decode(one.request_parameters) for one in good] == [
        one["requestParameters"] for one in records
    ] * len(forms)
    assert not bad


@pytest.mark.parametrize("form", FORMS)
def test_a_large_stream_gives_every_record_once(form: Callable[[list[Json]], bytes]) -> None:
    records = [
        record(number, requestParameters={"items": [{"a": 1}, {"eventSet": "x" * 500}]}) for number in range(4000)
    ]
    good, bad = read(cut(form(records), [65536]))
    assert [one.event_id for one in good] == [one["eventID"] for one in records]
    assert not bad


hostile = st.one_of(
    st.binary(max_size=300),
    st.lists(
        st.sampled_from(
            [
                b"{",
                b"}",
                b"[",
                b"]",
                b'"',
                b",",
                b":",
                b"\n",
                b" ",
                b'"Records"',
                b'"Events"',
                b'"detail"',
                b"\\",
                b"1",
                b'{"Records":[',
                b'{"a":[\n',
                dump(record(1)),
                dump(record(1)) + b"\n",
                b"\xff",
                b"null",
                b"\x00",
            ]
        ),
        max_size=40,
    ).map(b"".join),
)


@given(hostile, st.lists(st.integers(1, 50), min_size=1))
@settings(max_examples=400)
def test_hostile_bytes_never_raise_and_cost_nothing_before_them(data: bytes, sizes: list[int]) -> None:
    before = dump(record(0))
    good, bad = read(cut(before + b"\n" + data, sizes))
    assert good[0].event_id == "e0"
    assert len(good) + len(bad) <= len(data) + 1
    raw = list(split_records(cut(before + b"\n" + data, sizes)))
    assert raw[0] == before
    assert len([one for one in raw if isinstance(one, bytes)]) == len(good)
    assert [one.line for one in raw if isinstance(one, Malformed)] == [one.line for one in bad]


@pytest.mark.parametrize(
    "line",
    [b"what?", b'{"eventSource": "ec2', b'{"a": nope}', b"}", b'"text"', b"17", b'{"eventSource": 5}', b"{}", b"\xff"],
)
def test_a_bad_line_is_named_and_the_next_is_read(line: bytes) -> None:
    good, bad = read([dump(record(1)) + b"\n" + line + b"\n" + dump(record(2)) + b"\n"])
    assert [one.event_id for one in good] == ["e1", "e2"]
    assert [one.line for one in bad] == [2]


def test_every_bad_line_counts() -> None:
    bad = read([b"one\ntwo\n\nthree\n" + dump(record(1))])[1]
    assert [one.line for one in bad] == [1, 2, 4]


@pytest.mark.parametrize("broken", [b'{"a": nope, "b": [1, "}"]}', b"nope", b'"x" y', b'{"eventTime": 1}', b"5", b"[]"])
@pytest.mark.parametrize("form", [b'{"Records": [%b, %b, %b]}', b"[%b,%b,%b]", b'{\n "Records": [\n%b,\n%b,\n%b\n]}'])
def test_a_bad_element_of_a_list_is_left_out(form: bytes, broken: bytes) -> None:
    good, bad = read([form % (dump(record(1)), broken, dump(record(2)))])
    assert [one.event_id for one in good] == ["e1", "e2"]
    assert bad


def test_an_element_whose_end_is_not_found_costs_only_its_line() -> None:
    data = b'{"Records": [\n%b,\n{"eventName": "cut,\n%b\n]}\n%b' % tuple(dump(record(number)) for number in range(3))
    good, bad = read([data])
    assert [one.event_id for one in good] == ["e0", "e1", "e2"]
    assert [one.line for one in bad] == [3]


def test_a_broken_pretty_object_is_one_finding() -> None:
    broken = json.dumps(record(1, a="here"), indent=2).replace('"here"', "here").encode()
    good, bad = read([dump(record(0)) + b"\n" + broken + b"\n" + dump(record(2))])
    assert [one.event_id for one in good] == ["e0", "e2"]
    assert [one.line for one in bad] == [2]


def test_a_file_that_ends_early_gives_what_came_before() -> None:
    good, bad = read([log_file([record(1), record(2), record(3)])[:-40]])
    assert [one.event_id for one in good] == ["e1", "e2"]
    assert "cut off" in bad[0].reason


def test_a_record_above_the_limit_is_refused_without_being_kept() -> None:
    piece, fed = b"x" * 2**20, 0

    def chunks() -> Iterator[bytes]:
        nonlocal fed
        yield dump(record(1)) + b'\n{"eventSource": "'
        for _ in range(64):
            fed += len(piece)
            yield piece
        yield b'"}\n' + dump(record(2)) + b"\n"

    found = read_records(chunks())
    first = next(found)
    second = next(found)
    assert not isinstance(first, Malformed)
    assert isinstance(second, Malformed)
    assert "larger than 16 MiB" in second.reason
    assert fed <= 2 * LARGEST_RECORD
    last = next(found)
    assert not isinstance(last, Malformed)
    assert last.records[0].event_id == "e2"


@pytest.mark.parametrize(
    "piece", [b"[\n", b'{"a":[\n', b'{"Records":[{"a":\n', b'{"a":', b'"\n', b"}\n", b'[{"a', b"{\n"]
)
def test_hostile_repetition_takes_linear_time(piece: bytes) -> None:
    """Four times the input may take some four times the work, not sixteen; a busy machine does not change CPU time."""
    small, large = (_cpu_seconds(piece * (size // len(piece))) for size in (2**15, 2**17))
    assert large < 8 * small + 0.5


def _cpu_seconds(data: bytes) -> float:
    started = time.process_time()
    read(cut(data, [65536]))
    return time.process_time() - started


def test_lines_of_a_batch_are_told() -> None:
    data = b"bad\n" + json_lines([record(number) for number in range(3)])
    places = [
        found.line + number * found.line_step
        for found in read_records([data])
        if not isinstance(found, Malformed)
        for number, _ in enumerate(found.records)
    ]
    assert places == [2, 3, 4]


def test_the_message_that_tells_where_a_value_ends() -> None:
    """The splitter reads this text; should msgspec word it differently, this says so before anything else does."""
    with pytest.raises(msgspec.DecodeError, match=r"trailing characters \(byte 9\)"):
        msgspec.json.decode(b'{"a":1} {"b":2}', type=msgspec.Raw)
    with pytest.raises(msgspec.DecodeError, match=r"^Input data was truncated$"):
        msgspec.json.decode(b'{"a":1', type=msgspec.Raw)


def test_wrapping_has_an_end() -> None:
    deep: Any = record(1)
    for _ in range(50):
        deep = {"detail": deep}
    assert ids(dump(deep)) == []
    assert ids(dump({"Records": [{"detail": record(1)}]})) == ["e1"]
