"""Slack's markup as plain text for a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.console import plain, shown


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        (
            "<!date^1772633220^since {date_short_pretty} {time}|since 2026-03-04 14:07 UTC>",
            "since 2026-03-04 14:07 UTC",
        ),
        ("<@U0123|maria> in <#C0123|aws-costs>", "@maria in #aws-costs"),
        ("<@U0123> and <https://docs.example/page>", "@U0123 and https://docs.example/page"),
        ("*8 in all*, 2 * 3 * 4", "8 in all, 2 * 3 * 4"),
        ("```aws ec2 stop-instances```", "aws ec2 stop-instances"),
        ("&lt;script&gt; &amp;amp;", "<script> &amp;"),
        ("--ids " + " ".join(f"i-{number:x}" for number in range(100)), "--ids i-0 i-1 (and 98 more)"),
        ("--ids i-0 i-1 i-2 i-3", "--ids i-0 i-1 i-2 i-3"),
    ],
)
def test_markup_becomes_text(markup: str, text: str) -> None:
    assert plain(markup) == text


@given(st.text())
def test_any_text_is_taken(text: str) -> None:
    assert "<!date" not in plain(f"<!date^1^{{time}}|then>{text.replace('<', '')}")


def test_buttons_stand_in_one_line() -> None:
    buttons = [{"type": "button", "text": {"type": "plain_text", "text": label}} for label in ("Yes", "No")]
    select = {"type": "static_select", "placeholder": {"type": "plain_text", "text": "Snooze"}}
    assert shown([{"type": "actions", "elements": [*buttons, select]}]) == "[Yes] [No] [Snooze]"
