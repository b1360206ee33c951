"""Names of log files: what CloudTrail writes is understood, and nothing else is."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cloudtrail.trail_keys import is_account, is_organisation, is_region, key_before, parse_trail_key

ACCOUNT = "111122223333"
FOLDER = f"AWSLogs/{ACCOUNT}/CloudTrail/us-gov-west-1/"
KEY = f"{FOLDER}2026/01/05/{ACCOUNT}_CloudTrail_us-gov-west-1_20260105T1005Z_Zz9-_aB.json.gz"

times = st.datetimes(datetime(2013, 1, 1), datetime(2199, 1, 1)).map(  # noqa: DTZ001 - the zone comes next
    lambda time: time.replace(second=0, microsecond=0, tzinfo=UTC)
)


def test_a_name_is_read() -> None:
    found = parse_trail_key(KEY)
    assert found is not None
    assert (found.folder, found.account_id, found.region) == (FOLDER, ACCOUNT, "us-gov-west-1")
    assert found.delivered_at == datetime(2026, 1, 5, 10, 5, tzinfo=UTC)
    within = parse_trail_key(KEY.replace("AWSLogs/", "AWSLogs/o-abcdefghij/"))
    assert within is not None
    assert within.folder == FOLDER.replace("AWSLogs/", "AWSLogs/o-abcdefghij/")


@pytest.mark.parametrize(
    "key",
    [
        "",
        KEY.replace("CloudTrail/", "CloudTrail-Digest/"),
        KEY.replace("CloudTrail/", "CloudTrail-Insight/"),
        KEY.replace("2026/01/05", "../../.."),
        KEY.replace("us-gov-west-1", ".."),
        KEY.replace("1005Z", "9999Z"),
        KEY + "\n",
        "\n" + KEY,
        "/" + KEY,
        "logs/" + KEY,
        KEY.replace("Zz9-_aB", "a/b"),
        KEY.replace("Zz9-_aB", "a\x00b"),
        KEY.replace("Zz9-_aB", "a" * 2000),
        KEY.replace(f"/{ACCOUNT}/", "/999988887777/"),
        KEY.replace(ACCOUNT, "\u0661" * 12),
        KEY.removesuffix(".gz"),
    ],
)
def test_anything_else_is_no_log_file(key: str) -> None:
    assert parse_trail_key(key) is None


@given(st.text(max_size=1200) | st.text("AWSLogs/CloudTrail0123456789TZ._-ujson gz\n", max_size=200))
def test_any_text_is_read_or_left(key: str) -> None:
    found = parse_trail_key(key)
    assert found is None or key.startswith(found.folder)


@given(times, times)
def test_listing_from_a_key_on_gives_what_was_delivered_since(delivered: datetime, since: datetime) -> None:
    key = f"{key_before(FOLDER, ACCOUNT, 'us-gov-west-1', delivered)}_abc.json.gz"
    found = parse_trail_key(key)
    assert found is not None
    assert found.delivered_at == delivered
    assert (key > key_before(FOLDER, ACCOUNT, "us-gov-west-1", since)) == (delivered >= since)


@given(st.text(max_size=40))
def test_a_folders_name_never_leads_elsewhere(name: str) -> None:
    for known in (is_account, is_organisation, is_region):
        assert not known(name) or not set(name) & set("/.\\\n\0")
