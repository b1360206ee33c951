"""Slack's markup read back: what was escaped comes out as it was, whatever it is."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from blocks.text import channel, clean, code, escape, link, mention, when
from blocks.unmarked import unmarked

PLAIN = st.text(st.characters(blacklist_characters="*`"), max_size=200)


@given(PLAIN)
def test_what_was_escaped_comes_back_as_it_was(text: str) -> None:
    assert unmarked(escape(text, 2000)) == clean(text)


@given(st.text(max_size=300))
def test_anything_is_read_and_grows_by_nothing(text: str) -> None:
    assert len(unmarked(text)) <= len(text)


def test_tokens_are_read_as_people_see_them() -> None:
    at = datetime(2026, 3, 4, 14, 7, tzinfo=UTC)
    said = f"*Paused* by {mention('U1')} in {channel('C1')} {when(at, 'since')}: {link('https://a.example', 'OPS-7')}"
    assert unmarked(said) == "Paused by @U1 in #C1 since 2026-03-04 14:07 UTC: OPS-7"
    assert unmarked(code("a<b")) == "a<b"
