"""Price table files: what is written can be read, and what is broken is refused."""

import datetime as dt
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.prices import files
from clients.prices.files import decode_sheets, encode_sheets, replace_file
from engine.errors import InputError
from engine.pricing.sheets import make_sheet

SHEET = make_sheet("AmazonEKS", "list", dt.date(2026, 10, 15), "a test", {"us-east-1": {"eks/cluster": 0.1}})


def test_sheets_come_back_as_they_were() -> None:
    assert decode_sheets(encode_sheets([SHEET])) == (SHEET,)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_table_are_refused(content: bytes) -> None:
    for packed in (content, gzip.compress(content)):
        with pytest.raises(InputError):
            decode_sheets(packed)


@given(st.integers(0, 10_000))
def test_a_cut_file_is_refused(length: int) -> None:
    packed = encode_sheets([SHEET])
    with pytest.raises(InputError):
        decode_sheets(packed[: length % len(packed)])


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"format":1', '"format":2', "format 2, this version reads format 1"),
        ('"2026-10-15"', '"2026-13-45"', "published"),
        ('"list"', '"hearsay"', "provenance"),
        ("0.1", '"cheap"', "usd_per_hour"),
    ],
)
def test_a_table_we_do_not_understand_is_refused(old: str, new: str, reason: str) -> None:
    text = gzip.decompress(encode_sheets([SHEET])).decode()
    with pytest.raises(InputError, match=reason):
        decode_sheets(gzip.compress(text.replace(old, new).encode()))


def test_a_small_file_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(InputError, match="not believable"):
        decode_sheets(gzip.compress(b" " * 100_000))


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "data" / "prices.json.gz"
    replace_file(target, b"old")

    def fail(_handle: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        replace_file(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(target.parent.iterdir()) == [target]
