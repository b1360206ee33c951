"""Escaping, cutting and money, over anything."""

import html
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.money import per_hour, rates, usd
from blocks.text import clean, code, count, duration, escape, length, mention, plain, short_actor, when
from tests.blocks.rules import units


@given(text=st.text(), limit=st.integers(1, 60))
def test_escaped_text_keeps_its_limit_and_whole_entities(text: str, limit: int) -> None:
    escaped = escape(text, limit)
    assert units(escaped) <= limit
    shown = html.unescape(escaped)
    assert escape(shown, 10_000) == escaped
    assert clean(text).startswith(shown.removesuffix("…").rstrip()) or shown == clean(text)


@given(text=st.text())
def test_short_text_is_kept_whole(text: str) -> None:
    assert html.unescape(escape(text, 10_000)) == clean(text)
    assert clean(clean(text)) == clean(text)


@given(text=st.text(), limit=st.integers(0, 20))
def test_the_beginning_of_a_line_is_cleaned_like_the_whole(text: str, limit: int) -> None:
    assert clean(text, limit) == clean(text)[:limit]


def test_length_is_that_of_utf_16() -> None:
    assert length("\N{PILE OF POO}x") == units("\N{PILE OF POO}x") == 3


def test_direction_overrides_surrogates_and_controls_are_shown_as_such() -> None:
    assert clean("a\u202eb\ud800c\x07d\u200be") == "a�b�c�d�e"


def test_joined_emoji_survive() -> None:
    family = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}"
    assert clean(family) == family


def test_a_backtick_cannot_end_inline_code() -> None:
    assert code("a`*b*") == "`a'*b*`"
    assert code("") == "`-`"


def test_plain_text_is_never_empty() -> None:
    assert plain("\n", 5) == "-"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("alice", "alice"),
        ("arn:aws:iam::123456789012:root", "root"),
        ("arn:aws:iam::123456789012:role/service-role/nightly", "nightly"),
        ("arn:aws:sts::123456789012:assumed-role/Deploy/build-7", "Deploy/build-7"),
        (" ", "unknown actor"),
    ],
)
def test_short_actor(name: str, short: str) -> None:
    assert short_actor(name) == short


@pytest.mark.parametrize("user_id", ["U1|x>", "<!channel>", "U1> <!here", "u123"])
def test_only_user_ids_become_mentions(user_id: str) -> None:
    assert "<" not in mention(user_id)


def test_a_date_is_shown_in_the_readers_zone_with_utc_to_fall_back_on() -> None:
    moment = datetime(2026, 3, 4, 14, 7, 59, tzinfo=UTC)
    assert when(moment) == "<!date^1772633279^{date_short_pretty} {time}|2026-03-04 14:07 UTC>"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "under 1 min"),
        (59, "under 1 min"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (11_100, "3 h 05 min"),
        (172_799, "47 h 59 min"),
        (172_800, "2 days"),
    ],
)
def test_duration(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (4.08, "$4.08/h"),
        (0.0104, "$0.0104/h"),
        (0.08976, "$0.08976/h"),
        (0.1 + 0.2, "$0.30/h"),
        (16.288, "$16.29/h"),
        (1234.5, "$1,234.50/h"),
        (0.0000041667, "$0.000004167/h"),
        (0.0, "$0.00/h"),
        (1e-30, "$0.00/h"),
        (None, "price not known"),
        (float("nan"), "price not known"),
        (float("inf"), "price not known"),
        (1e300, "$1,000,000,000,000 or more/h"),
    ],
)
def test_hourly_rates_have_enough_digits(rate: float | None, words: str) -> None:
    assert per_hour(rate) == words


@given(cents=st.integers(-(10**13), 10**13))
def test_totals_are_exact_to_the_cent(cents: int) -> None:
    sign = "-" if cents < 0 else ""
    assert usd(cents / 100) == f"{sign}${abs(cents) // 100:,}.{abs(cents) % 100:02}"


def test_half_a_cent_is_rounded_as_people_do() -> None:
    assert usd(1.005) == "$1.01"
    assert usd(-0.001) == "$0.00"


def test_a_rate_comes_with_its_day() -> None:
    assert rates(48.96, at_least=True) == "at least $48.96 per hour · $1,175.04 per day"
    assert rates(float("nan")) == "price not known"


def test_counts() -> None:
    assert (count(1, "try", "tries"), count(2, "try", "tries")) == ("1 try", "2 tries")
