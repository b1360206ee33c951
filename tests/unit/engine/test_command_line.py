"""What people type behind the command, however they type it."""

import contextlib
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.command_line.moments import parse_time, parse_until, parse_weekday
from engine.command_line.nearest import nearest
from engine.command_line.options import Line, read_line
from engine.command_line.values import is_money, parse_hourly_cost, parse_span, span_word
from engine.command_line.words import shown, split_words
from engine.errors import InputError

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday
EAST = timezone(timedelta(hours=14))
KNOWN = {"since": True, "account": True, "open": False, "share": False}
QUOTES = [
    ('"', '"'),
    ("\u201c", "\u201d"),
    ("\u201d", "\u201d"),
    ("\u201e", "\u201c"),
    ("'", "'"),
    ("\u2018", "\u2019"),
]
INSIDE = st.text(st.characters(blacklist_characters="\"'&\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"))
BARE = st.from_regex(r"[a-z0-9$.:/]{1,12}", fullmatch=True)


@given(st.text())
def test_any_text_is_words_or_a_clear_error(text: str) -> None:
    with contextlib.suppress(InputError):
        assert all(isinstance(word, str) for word in split_words(text))


@given(st.lists(BARE))
def test_plain_words_stay_as_they_are(words: list[str]) -> None:
    assert split_words("  ".join(words)) == tuple(words)


@given(INSIDE, st.sampled_from(QUOTES))
def test_what_is_quoted_is_one_word(inside: str, quotes: tuple[str, str]) -> None:
    opening, closing = quotes
    assert split_words(f"a {opening}{inside}{closing} b") == ("a", inside, "b")
    assert split_words(f"--account={opening}{inside}{closing} b") == (f"--account={inside}", "b")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("\u2014since 7d", ("--since", "7d")),
        ("\u2013open", ("--open",)),
        ("\u2014-open", ("--open",)),
        ("a \u2014 b", ("a", "\u2014", "b")),
        ("\u22125", ("\u22125",)),
        ("ann's lab", ("ann's", "lab")),
        ("R&amp;D &lt;x&gt; &amp;lt;", ("R&D", "<x>", "&lt;")),
        ("\u00a0\u2003status\t\n", ("status",)),
        ('""', ("",)),
        ("=", ("=",)),
    ],
)
def test_how_keyboards_and_slack_write(typed: str, words: tuple[str, ...]) -> None:
    assert split_words(typed) == words


@pytest.mark.parametrize("typed", ['"open', "\u201cacme lab", "--account='x", "'tis"])
def test_a_quotation_mark_that_stays_open(typed: str) -> None:
    with pytest.raises(InputError, match="never closed"):
        split_words(typed)


@given(st.text())
def test_what_is_shown_ends_no_quotation(word: str) -> None:
    assert shown(word).count("`") == 2
    assert len(shown(word)) <= 62
    assert "\n" not in shown(word)


@given(st.lists(BARE.filter(lambda word: not word.startswith("-")), max_size=4), BARE, BARE, st.booleans())
def test_options_stand_anywhere(plain: list[str], since: str, account: str, opened: bool) -> None:
    typed = ["--since", since, *plain[:2], *(["--OPEN"] if opened else []), f"--account={account}", *plain[2:]]
    options = {"since": since, "account": account} | ({"open": ""} if opened else {})
    assert read_line(typed, KNOWN) == Line(tuple(plain), options)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--sinse", "7d"], "`--sinse` is not understood. Did you mean `--since`?"),
        (["--zzzz"], "There is `--since`, `--account`, `--open`, `--share`."),
        (["--since"], "`--since` needs a value"),
        (["--since", "--open"], "`--since` needs a value"),
        (["--since="], "`--since` needs a value"),
        (["--open=yes"], "`--open` takes no value"),
        (["--open", "--open"], "said twice"),
    ],
)
def test_wrong_options_name_what_is_wrong(words: list[str], said: str) -> None:
    with pytest.raises(InputError) as raised:
        read_line(words, KNOWN)
    assert said in str(raised.value)


@given(st.integers(1, 400), st.sampled_from("dD"))
def test_days(number: int, unit: str) -> None:
    assert parse_span(f"{number}{unit}") == timedelta(days=number)


@given(st.integers(0, 99), st.integers(0, 23), st.integers(1, 59))
def test_parts_of_a_span_add_up(days: int, hours: int, minutes: int) -> None:
    assert parse_span(f"{days}d{hours}h{minutes}m") == timedelta(days=days, hours=hours, minutes=minutes)


@given(st.text() | st.from_regex(r"\d{1,9}[a-z]{1,3}"))
def test_any_span_is_within_bounds_or_a_clear_error(word: str) -> None:
    with contextlib.suppress(InputError):
        assert timedelta() < parse_span(word) <= timedelta(days=400)


@given(st.timedeltas(timedelta(minutes=1), timedelta(days=400)))
def test_a_span_that_is_written_reads_the_same(span: timedelta) -> None:
    assert parse_span(span_word(span)) == span // timedelta(minutes=1) * timedelta(minutes=1)


@pytest.mark.parametrize("word", ["0d", "401d", "999999w", "7", "d", "-1d", "7 d", "\u0667d", ""])
def test_spans_that_are_none(word: str) -> None:
    with pytest.raises(InputError, match="span"):
        parse_span(word)


@given(st.integers(1, 10**9 - 1), st.sampled_from(["", "$", "USD"]), st.sampled_from(["", "/h", "/hour", "perhr"]))
def test_dollars_an_hour(amount: int, sign: str, unit: str) -> None:
    assert parse_hourly_cost(f"{sign}{amount}{unit}") == amount
    assert parse_hourly_cost(f"{sign}{amount}/day") == amount / 24


@pytest.mark.parametrize(("word", "amount"), [("$1,200.50/h", 1200.5), ("2.5k", 2500.0), ("$450USD/h", 450.0)])
def test_how_prices_are_written(word: str, amount: float) -> None:
    assert parse_hourly_cost(word) == amount


@pytest.mark.parametrize("word", ["$0/h", "\u20ac450/h", "$450/min", "$", "450/", "-3", "$1e9", "$450/h/h", "$12,34"])
def test_prices_that_are_none(word: str) -> None:
    with pytest.raises(InputError, match="price"):
        parse_hourly_cost(word)


@given(st.text())
def test_any_price_is_positive_or_a_clear_error(word: str) -> None:
    is_money(word)
    with contextlib.suppress(InputError):
        assert parse_hourly_cost(word) > 0


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("Fri", datetime(2026, 11, 28, tzinfo=UTC)),
        ("friday 18:00", datetime(2026, 11, 27, 18, tzinfo=UTC)),
        ("wed", datetime(2026, 11, 26, tzinfo=UTC)),
        ("today", datetime(2026, 11, 26, tzinfo=UTC)),
        ("tomorrow 9:00", datetime(2026, 11, 26, 9, tzinfo=UTC)),
        ("2026-12-24", datetime(2026, 12, 25, tzinfo=UTC)),
        ("18:30", datetime(2026, 11, 25, 18, 30, tzinfo=UTC)),
        ("3d", NOON + timedelta(days=3)),
        ("90m", NOON + timedelta(minutes=90)),
    ],
)
def test_moments(words: str, moment: datetime) -> None:
    assert parse_until(words.split(), NOON, UTC) == moment


def test_a_day_ends_where_the_tenant_lives() -> None:
    assert parse_until(["today"], NOON, EAST) == datetime(2026, 11, 27, tzinfo=EAST)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "Until when?"),
        ("2026-11-24", "over already"),
        ("11:00", "over already"),
        ("wed 11:00", "over already"),
        ("2026-02-31", "no date"),
        ("9999-12-31", "too far away"),
        ("Frid ay", "no time of day"),
        ("fryday", "Did you mean `friday`?"),
        ("27.11.", "no day"),
        ("25:00", "no time of day"),
        ("fri 18:00 sharp", "no moment"),
        ("3y", "span"),
    ],
)
def test_moments_that_are_none(words: str, said: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_until(words.split(), NOON, UTC)
    assert said in str(raised.value)


@given(st.lists(st.text() | BARE, max_size=3))
def test_any_moment_is_to_come_or_a_clear_error(words: list[str]) -> None:
    with contextlib.suppress(InputError):
        assert parse_until(words, NOON, UTC) > NOON


@given(st.dates(date(2026, 11, 25), date(2400, 1, 1)), st.times())
def test_a_date_and_a_time(day: date, at: time) -> None:
    moment = datetime.combine(day, at.replace(second=0, microsecond=0), UTC)
    if moment > NOON:
        assert parse_until([day.isoformat(), f"{at:%H:%M}"], NOON, UTC) == moment


@given(st.text())
def test_any_time_or_weekday_is_one_or_a_clear_error(word: str) -> None:
    with contextlib.suppress(InputError):
        assert parse_time(word).second == 0
    with contextlib.suppress(InputError):
        assert 0 <= parse_weekday(word) <= 6


@given(st.text(), st.lists(st.text(), max_size=5))
def test_the_nearest_is_a_known_one_or_none(word: str, known: list[str]) -> None:
    assert nearest(word, known) in ["", *known]
