"""Bodies of Slack's are read as the standard library reads them."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.web.slack_bodies import read

FORM = "application/x-www-form-urlencoded"
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
ODD = st.text(alphabet="%=&+;#?/ 09aAfFéz\u20ac\x00", min_size=1)
OBJECTS = st.dictionaries(TEXT, TEXT | st.integers() | st.none() | st.lists(TEXT))


@given(st.dictionaries(TEXT.filter(lambda name: name != "payload"), TEXT))
def test_a_form_gives_what_was_put_into_it(fields: dict[str, str]) -> None:
    assert read(urlencode(fields), FORM) == fields


@given(ODD)
def test_what_is_no_proper_form_gives_what_the_standard_library_makes_of_it(text: str) -> None:
    assert read(text, FORM) == dict(parse_qsl(text, keep_blank_values=True))


@given(OBJECTS)
def test_json_is_read_in_a_form_and_alone(content: dict[str, Any]) -> None:
    text = json.dumps(content)
    assert read(urlencode({"payload": text}), FORM) == read(text, "application/json") == content


@pytest.mark.parametrize("text", ["[]", "7", "null", "{", "", '"payload"', "[" * 100_000])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises((ValueError, TypeError, RecursionError)):
        read(text, "application/json")
    with pytest.raises((ValueError, TypeError, RecursionError)):
        read(urlencode({"payload": text}), FORM)


def test_a_command_may_speak_of_a_payload() -> None:
    assert read("command=%2Fdd0c&text=payload", FORM)["command"] == "/dd0c"
