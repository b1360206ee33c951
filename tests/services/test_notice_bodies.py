"""Messages that name new files, as each sender writes them, and anything else somebody may send."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from services.notice_bodies import NamedFile, parse_notice

S3 = {
    "Records": [
        {
            "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": "trail"}, "object": {"key": "AWSLogs/a+b%3D1.json.gz", "size": 9, "eTag": "abc"}},
        },
        {"eventName": "ObjectRemoved:Delete", "s3": {"bucket": {"name": "trail"}, "object": {"key": "gone"}}},
    ]
}
NAMED = (NamedFile("trail", "AWSLogs/a b=1.json.gz", "abc"),)
EVENTBRIDGE = {
    "detail-type": "Object Created",
    "detail": {"bucket": {"name": "trail"}, "object": {"key": "AWSLogs/a+b", "etag": "abc"}},
}


@pytest.mark.parametrize(
    ("body", "named"),
    [
        pytest.param(S3, NAMED, id="s3"),
        pytest.param({"Type": "Notification", "Message": json.dumps(S3)}, NAMED, id="s3-through-sns"),
        pytest.param(EVENTBRIDGE, (NamedFile("trail", "AWSLogs/a+b", "abc"),), id="eventbridge"),
        pytest.param({"s3Bucket": "t", "s3ObjectKey": ["a", 1]}, (NamedFile("t", "a"),), id="cloudtrail"),
        pytest.param({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "t"}, (), id="s3-test"),
        pytest.param({"Records": [1, {}, {"eventName": "ObjectCreated:Put", "s3": None}]}, (), id="odd-elements"),
    ],
)
def test_every_sender_is_understood(body: Any, named: tuple[NamedFile, ...]) -> None:
    assert parse_notice(json.dumps(body)) == named


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "7", "null", "{}", '{"Message": 7}', '{"Message": "x"}', "\ud800", "[" * 9999]
)
def test_what_is_no_notice_is_refused_in_words(body: str) -> None:
    with pytest.raises(InputError, match="notice"):
        parse_notice(body)


def test_wrapping_ends_somewhere() -> None:
    body = json.dumps(S3)
    for _ in range(3):
        body = json.dumps({"Message": body})
    with pytest.raises(InputError):
        parse_notice(body)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Records", "s3", "bucket", "name", "object", "key", "detail", "Message", "eventName"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(values)
def test_anything_is_read_or_refused(body: Any) -> None:
    try:
        named = parse_notice(json.dumps(body))
    except InputError:
        return
    assert all(set(map(type, (one.bucket, one.key, one.etag))) == {str} for one in named)
